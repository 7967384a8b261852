package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.FusedKernels;
import dev.mezzo.backend.FusedProgram;
import dev.mezzo.backend.Operand;
import java.util.List;

/** Element-wise programs, element by element. */
final class Fused implements FusedKernels {

  @Override
  public void run(
      FusedProgram program, List<Operand> operands, List<Operand> results, Broadcast broadcast) {
    List<float[]> read = operands.stream().map(Values::read).toList();
    int size = Values.length(results.getFirst());
    List<float[]> written = results.stream().map(result -> new float[size]).toList();
    float[] values = new float[program.values()];
    int[] index = new int[broadcast.dims().length];
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < read.size(); k++) {
        values[k] = read.get(k)[Elementwise.offset(index, broadcast.strides()[k])];
      }
      evaluate(program, values);
      for (int k = 0; k < written.size(); k++) {
        written.get(k)[i] = values[program.results().get(k)];
      }
      Elementwise.advance(index, broadcast.dims());
    }
    for (int k = 0; k < written.size(); k++) {
      Values.write(written.get(k), results.get(k));
    }
  }

  /** Computes all values from those of the operands, which are there. */
  private static void evaluate(FusedProgram program, float[] values) {
    int next = program.operands();
    for (FusedProgram.Operation operation : program.operations()) {
      values[next++] = (float) value(operation, values);
    }
  }

  /** The only result of a program, of the operands in front of {@code values}. */
  static float result(FusedProgram program, float[] values) {
    evaluate(program, values);
    return values[program.results().getFirst()];
  }

  private static double value(FusedProgram.Operation operation, float[] values) {
    return switch (operation) {
      case FusedProgram.Constant(float value) -> value;
      case FusedProgram.Scaled(float factor, int x) -> factor * values[x];
      case FusedProgram.OfOne(var function, int x) -> Functions.value(function, values[x]);
      case FusedProgram.GradientOfOne(var function, int dy, int saved) ->
          Functions.gradient(function, values[dy], values[saved]);
      case FusedProgram.OfTwo(var function, int a, int b) ->
          Elementwise.binary(function, values[a], values[b]);
      case FusedProgram.OfThree(var function, int a, int b, int c) ->
          Elementwise.ternary(function, values[a], values[b], values[c]);
    };
  }
}
