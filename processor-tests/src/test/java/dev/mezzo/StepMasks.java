package dev.mezzo;

import dev.mezzo.programs.Masks;
import dev.mezzo.programs.Matrix;
import dev.mezzo.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The masks that dropout draws in the step of a {@link FormBench}. */
final class StepMasks implements Masks {

  @Override
  public Matrix of(int draw, int rows, int columns, float rate) {
    Tape tape = Tape.forTraining();
    tape.begin(FormBench.SEED, 0, 0);
    for (int i = 0; i < draw; i++) {
      tape.nextSeed();
    }
    float[] ones = new float[rows * columns];
    Arrays.fill(ones, 1);
    try (Tensor x = Tensor.of(Shape.of(rows, columns), ones);
        Tensor y = Ops.dropout(tape, x, rate)) {
      float[] mask = y.toFloats();
      return new Matrix(
          rows, columns, IntStream.range(0, mask.length).mapToDouble(i -> mask[i]).toArray());
    }
  }
}
