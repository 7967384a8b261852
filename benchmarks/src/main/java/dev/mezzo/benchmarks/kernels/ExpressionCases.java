package dev.mezzo.benchmarks.kernels;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * Element-wise expressions in one pass, and the same operations one by one. Both rates are of the
 * bytes that one pass must move.
 */
final class ExpressionCases {

  /** In a second-level cache nearly, and far beyond all caches. */
  private static final int[] SIZES = {1 << 18, 1 << 24};

  private static final Unary SILU = Unary.of(Unary.Function.SILU);

  private final Backend backend;
  private final Operands operands;
  private final DType dtype;
  private final List<KernelCase> cases = new ArrayList<>();

  private ExpressionCases(Backend backend, DType dtype) {
    this.backend = backend;
    this.operands = new Operands(backend);
    this.dtype = dtype;
  }

  static List<KernelCase> all(Backend backend) {
    List<KernelCase> cases = new ArrayList<>();
    for (DType dtype : List.of(DType.FP16, DType.BF16, DType.FP32)) {
      ExpressionCases all = new ExpressionCases(backend, dtype);
      for (int size : SIZES) {
        all.residual(size);
        all.gated(size);
        all.gatedGradient(size);
      }
      cases.addAll(all.cases);
    }
    return cases;
  }

  /** relu(a + b). */
  private void residual(int size) {
    FusedProgram program =
        new FusedProgram(
            "relu(a + b)",
            2,
            List.of(
                new FusedProgram.OfTwo(Binary.ADD, 0, 1), new FusedProgram.OfOne(Unary.RELU, 2)),
            List.of(3));
    fused("relu(a + b)", program, size, 1);
    add(
        "relu(a + b) 1x1",
        size,
        3,
        () -> {
          Operand a = random(size);
          Operand b = random(size);
          Operand sum = random(size);
          Operand y = random(size);
          return () -> {
            backend.binary(Binary.ADD, a, b, sum, equal(size));
            backend.unary(Unary.RELU, sum, y);
          };
        });
  }

  /** silu(gate)·up. */
  private void gated(int size) {
    FusedProgram program =
        new FusedProgram(
            "silu(a) * b",
            2,
            List.of(new FusedProgram.OfOne(SILU, 0), new FusedProgram.OfTwo(Binary.MULTIPLY, 2, 1)),
            List.of(3));
    fused("silu(a) * b", program, size, 1);
    add(
        "silu(a) * b 1x1",
        size,
        3,
        () -> {
          Operand a = random(size);
          Operand b = random(size);
          Operand silu = random(size);
          Operand y = random(size);
          return () -> {
            backend.unary(SILU, a, silu);
            backend.binary(Binary.MULTIPLY, silu, b, y, equal(size));
          };
        });
  }

  /** Both gradients of silu(gate)·up; apart they read what forward has saved of it. */
  private void gatedGradient(int size) {
    FusedProgram program =
        new FusedProgram(
            "siluGradient(dy * b, a), dy * silu(a)",
            3,
            List.of(
                new FusedProgram.OfTwo(Binary.MULTIPLY, 0, 2),
                new FusedProgram.GradientOfOne(SILU, 3, 1),
                new FusedProgram.OfOne(SILU, 1),
                new FusedProgram.OfTwo(Binary.MULTIPLY, 0, 5)),
            List.of(4, 6));
    fused("its gradients", program, size, 2);
    add(
        "gradients 1x1",
        size,
        5,
        () -> {
          Operand dy = random(size);
          Operand gate = random(size);
          Operand up = random(size);
          Operand silu = random(size);
          Operand dSilu = random(size);
          Operand dGate = random(size);
          Operand dUp = random(size);
          return () -> {
            backend.binary(Binary.MULTIPLY, dy, up, dSilu, equal(size));
            backend.binary(Binary.MULTIPLY, dy, silu, dUp, equal(size));
            backend.unaryGradient(SILU, dSilu, gate, dGate);
          };
        });
  }

  private void fused(String name, FusedProgram program, int size, int results) {
    add(
        name,
        size,
        program.operands() + results,
        () -> {
          List<Operand> from = new ArrayList<>();
          List<Operand> to = new ArrayList<>();
          for (int i = 0; i < program.operands(); i++) {
            from.add(random(size));
          }
          for (int i = 0; i < results; i++) {
            to.add(random(size));
          }
          long[][] strides = new long[program.operands()][];
          Arrays.fill(strides, new long[] {1});
          Broadcast broadcast = new Broadcast(new int[] {size}, strides);
          return () -> backend.fused().run(program, from, to, broadcast);
        });
  }

  private Operand random(int size) {
    return operands.random(dtype, size);
  }

  private static Broadcast equal(int size) {
    return new Broadcast(new int[] {size}, new long[] {1}, new long[] {1});
  }

  private void add(String name, int size, int tensors, Supplier<Runnable> prepare) {
    cases.add(
        new KernelCase(
            name,
            Integer.toString(size),
            dtype.name(),
            0,
            (long) dtype.bytes() * tensors * size,
            prepare));
  }
}
