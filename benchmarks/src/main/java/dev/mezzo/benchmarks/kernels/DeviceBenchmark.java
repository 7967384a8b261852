package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Times the kernels of {@link KernelBenchmark} on a device that computes while its caller goes on:
 * a number of calls, and the wait for the last of them. Beside each stands what a large product, or
 * a large copy, reaches there; what fits the device's caches may pass that.
 */
public final class DeviceBenchmark {

  private static final int SIDE = 4096;
  private static final long COPIED = 1L << 28;
  private static final int GROUPS = 7;
  private static final double LONGEST_GROUP = 0.02;

  private final Backend backend;
  private final String only;
  private final double seconds;
  private final int scale;

  /**
   * What large kernels reach.
   *
   * @param productGflops of a product of square matrices, FP16
   * @param copyGbs of a copy, read and written bytes together
   */
  public record Limits(double productGflops, double copyGbs) {}

  /** Everything that was measured. */
  public record Report(String device, Limits limits, List<KernelResult> kernels) {}

  /**
   * A benchmark; {@link #measure} runs it.
   *
   * @param only kernels whose name, shape or types contain this; empty for all
   * @param seconds to time each of them
   */
  public DeviceBenchmark(Backend backend, String only, double seconds) {
    this(backend, only, seconds, 1);
  }

  /**
   * @param scale the sides of what limits are measured with are divided by it
   */
  DeviceBenchmark(Backend backend, String only, double seconds, int scale) {
    this.backend = backend;
    this.only = only;
    this.seconds = seconds;
    this.scale = scale;
  }

  /** Measures; tells of the limits and of each kernel as soon as they are known. */
  public Report measure(Consumer<Limits> onLimits, Consumer<KernelResult> onKernel) {
    Limits limits = limits();
    onLimits.accept(limits);
    List<KernelResult> results = new ArrayList<>();
    for (KernelCase kernel : KernelBenchmark.cases(backend)) {
      if (kernel.matches(only)) {
        KernelResult result = measure(kernel, limits);
        results.add(result);
        onKernel.accept(result);
      }
    }
    return new Report(backend.description(), limits, results);
  }

  private Limits limits() {
    Operands operands = new Operands(backend);
    int side = SIDE / scale;
    long size = (long) side * side;
    Matrix a = new Matrix(operands.filled(DType.FP16, size, 0), false, side);
    Matrix b = new Matrix(operands.filled(DType.FP16, size, 0), true, side);
    Matrix c = new Matrix(operands.filled(DType.FP16, size, 0), false, side);
    GemmShape shape = new GemmShape(side, side, side);
    double product = seconds(() -> backend.gemm(shape, a, b, c, Epilogue.NONE));
    long count = COPIED / scale / scale;
    Operand x = operands.filled(DType.FP16, count, 0);
    Operand y = operands.filled(DType.FP16, count, 0);
    double copy = seconds(() -> backend.cast(x, y));
    return new Limits(
        2.0 * size * side / product / 1e9, 2.0 * count * DType.FP16.bytes() / copy / 1e9);
  }

  private KernelResult measure(KernelCase kernel, Limits limits) {
    double time = seconds(kernel.prepare().get());
    boolean arithmetic = kernel.boundByArithmetic();
    return new KernelResult(
        kernel.kernel(),
        kernel.shape(),
        kernel.types(),
        1,
        time * 1e6,
        (arithmetic ? kernel.flop() : kernel.bytes()) / time / 1e9,
        arithmetic ? "GFLOP/s" : "GB/s",
        arithmetic ? limits.productGflops() : limits.copyGbs());
  }

  /** The median time of a call, of groups of them, after a group that is not counted. */
  private double seconds(Runnable call) {
    double first = time(call, 1);
    double once = Math.max(1e-7, Math.min(first, time(call, 1)));
    int calls = (int) Math.max(1, Math.min(LONGEST_GROUP, seconds / GROUPS) / once);
    double[] times = new double[GROUPS];
    time(call, calls);
    for (int i = 0; i < GROUPS; i++) {
      times[i] = time(call, calls);
    }
    Arrays.sort(times);
    return times[GROUPS / 2];
  }

  /** Of a call, from the first's start to the last's end. */
  private double time(Runnable call, int calls) {
    backend.synchronize();
    long begin = System.nanoTime();
    for (int i = 0; i < calls; i++) {
      call.run();
    }
    backend.synchronize();
    return (System.nanoTime() - begin) / 1e9 / calls;
  }
}
