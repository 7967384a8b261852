package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;

/** Many elements to one number. */
final class Reductions {

  private static final int LEAST_EXPONENT = -160;
  private static final int GREATEST_EXPONENT = 159;

  private Reductions() {}

  static void sum(Operand x, Operand y, Reduction reduction) {
    float[] values = Values.read(x);
    int axis = reduction.axis();
    int inner = reduction.inner();
    float[] sums = new float[Values.length(y)];
    for (int outer = 0; outer < reduction.outer(); outer++) {
      for (int i = 0; i < inner; i++) {
        double sum = 0;
        for (int j = 0; j < axis; j++) {
          sum += values[(outer * axis + j) * inner + i];
        }
        sums[outer * inner + i] = (float) (sum * reduction.factor());
      }
    }
    Values.write(sums, y);
  }

  static void argmax(Operand x, Operand y, int rows, int cols) {
    float[] values = Values.read(x);
    int[] indices = new int[rows];
    for (int row = 0; row < rows; row++) {
      int best = 0;
      for (int col = 1; col < cols; col++) {
        if (greater(values[row * cols + col], values[row * cols + best])) {
          best = col;
        }
      }
      indices[row] = best;
    }
    Values.writeInts(indices, y);
  }

  /** NaN is greater than any number and not than NaN. */
  private static boolean greater(float x, float than) {
    return x > than || (Float.isNaN(x) && !Float.isNaN(than));
  }

  static void exponentHistogram(Operand x, float factor, Operand counts) {
    int[] bins = Values.readInts(counts);
    for (float value : Values.read(x)) {
      if (!Float.isFinite(value)) {
        bins[bins.length - 1]++;
      } else if (value == 0) {
        bins[0]++;
      } else {
        int exponent = Math.getExponent((double) value * factor);
        bins[1 + Math.clamp(exponent, LEAST_EXPONENT, GREATEST_EXPONENT) - LEAST_EXPONENT]++;
      }
    }
    Values.writeInts(bins, counts);
  }
}
