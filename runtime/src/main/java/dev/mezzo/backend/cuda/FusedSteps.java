package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Unary;
import java.util.Arrays;
import java.util.List;

/**
 * Programs that are too large for one kernel: a kernel for each operation, whose values lie in
 * memory, FP32. The bits are the same.
 */
final class FusedSteps {

  private static final long[] ONE = {1};

  private final Kernels kernels;
  private final Elementwise elementwise;

  FusedSteps(Kernels kernels) {
    this.kernels = kernels;
    this.elementwise = new Elementwise(kernels);
  }

  void run(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    long size = results.getFirst().size();
    long[] sizes = new long[program.values()];
    Arrays.fill(sizes, size);
    Memory memory = new Memory(kernels.workspace(Memory.bytes(sizes)));
    Operand[] values = new Operand[program.values()];
    for (int i = 0; i < values.length; i++) {
      values[i] = memory.floats(size);
    }
    for (int k = 0; k < operands.size(); k++) {
      spread(operands.get(k), values[k], broadcast, k);
    }
    for (int i = 0; i < program.operations().size(); i++) {
      step(program.operations().get(i), values, values[program.operands() + i]);
    }
    for (int k = 0; k < results.size(); k++) {
      Operand value = values[program.results().get(k)];
      kernels.eights("cast", size, value, results.get(k), size);
    }
  }

  /** An operand as the program reads it, each element where the result's is. */
  private void spread(Operand x, Operand to, Broadcast broadcast, int operand) {
    long[] strides = broadcast.strides()[operand];
    long[] whole = new long[strides.length];
    long step = 1;
    for (int d = strides.length - 1; d >= 0; d--) {
      whole[d] = step;
      step *= broadcast.dims()[d];
    }
    long[] walk = Walk.of(new Broadcast(broadcast.dims(), strides, whole), 2);
    kernels.each("spread", to.size(), x, to, to.size(), walk);
  }

  private void step(FusedProgram.Operation operation, Operand[] v, Operand to) {
    Broadcast two = new Broadcast(new int[] {Math.toIntExact(to.size())}, ONE, ONE);
    Broadcast three = new Broadcast(new int[] {Math.toIntExact(to.size())}, ONE, ONE, ONE);
    switch (operation) {
      case FusedProgram.Constant(float value) ->
          kernels.eights("fill", to.size(), to, to.size(), value);
      case FusedProgram.Scaled(float factor, int x) -> elementwise.scale(v[x], factor, to);
      case FusedProgram.OfOne(Unary f, int x) -> elementwise.unary(f, v[x], to);
      case FusedProgram.GradientOfOne(Unary f, int dy, int saved) ->
          elementwise.unaryGradient(f, v[dy], v[saved], to);
      case FusedProgram.OfTwo(var f, int a, int b) -> elementwise.binary(f, v[a], v[b], to, two);
      case FusedProgram.OfThree(var f, int a, int b, int c) ->
          elementwise.ternary(f, v[a], v[b], v[c], to, three);
    }
  }
}
