package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.List;

/** Products: those of the MLP 784-1024-1024-10 with batch 256, squares, and awkward sizes. */
final class GemmCases {

  private GemmCases() {}

  static List<KernelCase> all(Backend backend) {
    List<KernelCase> cases = new ArrayList<>();
    add(cases, backend, DType.FP16, "NT", 256, 1024, 784);
    add(cases, backend, DType.FP16, "NT", 256, 1024, 1024);
    add(cases, backend, DType.FP16, "NT", 256, 10, 1024);
    add(cases, backend, DType.FP16, "TN", 1024, 784, 256);
    add(cases, backend, DType.FP16, "TN", 1024, 1024, 256);
    add(cases, backend, DType.FP16, "TN", 10, 1024, 256);
    add(cases, backend, DType.FP16, "NN", 256, 1024, 1024);
    add(cases, backend, DType.FP16, "NN", 256, 1024, 10);
    for (int size : new int[] {512, 1024, 2048}) {
      for (String form : new String[] {"NN", "NT", "TN"}) {
        add(cases, backend, DType.FP16, form, size, size, size);
      }
    }
    add(cases, backend, DType.BF16, "NN", 1024, 1024, 1024);
    add(cases, backend, DType.FP32, "NN", 1024, 1024, 1024);
    for (int size : new int[] {13, 207, 257, 1025}) {
      add(cases, backend, DType.FP16, "NT", size, size, size);
    }
    add(cases, backend, DType.FP16, "NT", 1, 1024, 1024);
    add(cases, backend, DType.FP16, "NT", 8, 1024, 1024);
    add(cases, backend, DType.FP16, "NT", 1, 4096, 4096);
    add(cases, backend, DType.FP16, "NT", 7, 1000, 1000);
    add(cases, backend, DType.FP16, "NT", 33, 77, 1234);
    add(cases, backend, DType.FP16, "TN", 33, 77, 1234);
    add(cases, backend, DType.FP16, "NN", 64, 64, 64);
    add(cases, backend, DType.FP16, "NN", 5000, 48, 48);
    return cases;
  }

  /** A product of one or two rows reads its weights once: it is bound by memory. */
  private static void add(
      List<KernelCase> cases, Backend backend, DType dtype, String form, int m, int n, int k) {
    cases.add(
        new KernelCase(
            "gemm " + form,
            m + "x" + n + "x" + k,
            dtype.name(),
            m <= 2 ? 0 : 2.0 * m * n * k,
            dtype.bytes() * ((long) m * k + (long) n * k + (long) m * n),
            () -> {
              Operands operands = new Operands(backend);
              boolean aTransposed = form.charAt(0) == 'T';
              boolean bTransposed = form.charAt(1) == 'T';
              Matrix a = matrix(operands, dtype, (long) m * k, aTransposed, aTransposed ? m : k);
              Matrix b = matrix(operands, dtype, (long) n * k, bTransposed, bTransposed ? k : n);
              Matrix c = matrix(operands, dtype, (long) m * n, false, n);
              GemmShape shape = new GemmShape(m, n, k);
              return () -> backend.gemm(shape, a, b, c, Epilogue.NONE);
            }));
  }

  private static Matrix matrix(
      Operands operands, DType dtype, long size, boolean transposed, int stride) {
    Operand operand = operands.random(dtype, size);
    return new Matrix(operand, transposed, stride);
  }
}
