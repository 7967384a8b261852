package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;

/**
 * Softmax of rows, its logarithm, and their gradients. A row that fits a chunk is read once; a
 * longer one once for each pass: maximum, sum, result. FP32, sums of partial sums in FP64.
 */
final class Softmax {

  private static final int CHUNK = Scratch.CHUNK;

  private final Reductions reductions;

  Softmax(Reductions reductions) {
    this.reductions = reductions;
  }

  void forward(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    reductions.eachRow(
        rows,
        cols,
        (row, s) -> {
          long from = (long) row * cols;
          RowSum sum = sum(x, from, cols, s);
          float shift = logarithm ? (float) Math.log(sum.exponentials) : 0;
          float factor = (float) (1 / sum.exponentials);
          for (int i = 0; i < cols; i += CHUNK) {
            int n = Math.min(CHUNK, cols - i);
            if (cols > CHUNK) {
              Conversions.widen(x, from + i, s.x, 0, n);
            }
            if (logarithm) {
              RowMath.subtract(s.x, sum.maximum, n);
              RowMath.subtract(s.x, shift, n);
              Conversions.narrow(s.x, 0, y, from + i, n, s.halves);
            } else {
              if (cols > CHUNK) {
                RowMath.exponentials(s.x, s.y, n, sum.maximum);
              }
              ElementWise.scale(s.y, factor, n);
              Conversions.narrow(s.y, 0, y, from + i, n, s.halves);
            }
          }
        });
  }

  void gradient(Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    reductions.eachRow(
        rows,
        cols,
        (row, s) -> {
          long from = (long) row * cols;
          double sum = 0;
          for (int i = 0; i < cols; i += CHUNK) {
            int n = Math.min(CHUNK, cols - i);
            Conversions.widen(dy, from + i, s.x, 0, n);
            if (logarithm) {
              sum += Reductions.total(s.x, n);
            } else {
              Conversions.widen(y, from + i, s.y, 0, n);
              sum += RowMath.dot(s.x, s.y, n);
            }
          }
          for (int i = 0; i < cols; i += CHUNK) {
            int n = Math.min(CHUNK, cols - i);
            if (cols > CHUNK) {
              Conversions.widen(dy, from + i, s.x, 0, n);
            }
            Conversions.widen(y, from + i, s.y, 0, n);
            if (logarithm) {
              Activations.exp(s.y, 0, n);
              subtractProduct(s.x, s.y, (float) sum, n);
            } else {
              RowMath.subtract(s.x, (float) sum, n);
              ElementWise.multiply(s.x, s.y, n);
            }
            Conversions.narrow(s.x, 0, dx, from + i, n, s.halves);
          }
        });
  }

  /** A row's maximum, and the sum of e to the others' distance from it. */
  record RowSum(float maximum, double exponentials) {

    double logarithm() {
      return Math.log(exponentials) + maximum;
    }
  }

  /** A row that fits a chunk is in {@code s.x} afterwards, its exponentials in {@code s.y}. */
  static RowSum sum(Operand x, long from, int cols, Scratch s) {
    float maximum = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < cols; i += CHUNK) {
      int n = Math.min(CHUNK, cols - i);
      Conversions.widen(x, from + i, s.x, 0, n);
      maximum = Math.max(maximum, RowMath.maximum(s.x, n));
    }
    double sum = 0;
    for (int i = 0; i < cols; i += CHUNK) {
      int n = Math.min(CHUNK, cols - i);
      if (cols > CHUNK) {
        Conversions.widen(x, from + i, s.x, 0, n);
      }
      sum += RowMath.exponentials(s.x, s.y, n, maximum);
    }
    return new RowSum(maximum, sum);
  }

  private static void subtractProduct(float[] x, float[] y, float factor, int n) {
    for (int i = 0; i < n; i++) {
      x[i] -= y[i] * factor;
    }
  }
}
