package dev.mezzo.backend.vector;

import dev.mezzo.backend.Operand;

/**
 * Softmax of rows, its logarithm, and their gradients. Rows that fit a chunk are read once, several
 * together; a longer one twice: for its maximum and sum, and for the result. FP32, sums of partial
 * sums in FP64. Exponentials below 2⁻¹²⁶ are 0.
 */
final class Softmax {

  private static final int CHUNK = Scratch.CHUNK;

  /**
   * Numbers that are read at once: beyond the caches, the fewer the better the processor fetches
   * ahead.
   */
  private static final int BLOCK = 512;

  private final Workers workers;
  private final Reductions reductions;

  Softmax(Workers workers, Reductions reductions) {
    this.workers = workers;
    this.reductions = reductions;
  }

  void forward(Operand x, Operand y, int rows, int cols, boolean logarithm) {
    if (cols > CHUNK) {
      reductions.eachRow(rows, cols, (row, s) -> longRow(x, y, row, cols, logarithm, s));
      return;
    }
    RowBlock block = RowBlock.of(cols, BLOCK);
    block.run(
        workers,
        rows,
        (first, count, s) -> {
          int stride = block.stride();
          float[] exponentials = logarithm ? s.y : s.x;
          float[] terms = s.large(0, count);
          float[] factors = s.large(1, count);
          block.widen(x, first, count, s.x, Float.NEGATIVE_INFINITY, s);
          RowLoops.maxima(s.x, 0, stride, cols, count, terms);
          RowLoops.exponentials(s.x, exponentials, 0, stride, cols, count, terms, s.w);
          RowLoops.totals(s.w, count, 1, factors);
          for (int r = 0; r < count; r++) {
            factors[r] = (float) (logarithm ? Math.log(factors[r]) : 1.0 / factors[r]);
          }
          if (logarithm) {
            RowLoops.subtract(s.x, stride, cols, count, terms);
            RowLoops.subtract(s.x, stride, cols, count, factors);
          } else {
            RowLoops.scale(s.x, stride, cols, count, factors);
          }
          block.narrow(s.x, first, count, y, s);
        });
  }

  private static void longRow(
      Operand x, Operand y, int row, int cols, boolean logarithm, Scratch s) {
    long from = (long) row * cols;
    RowSum sum = sum(x, from, cols, s);
    for (int i = 0; i < cols; i += CHUNK) {
      int n = Math.min(CHUNK, cols - i);
      Conversions.widen(x, from + i, s.x, 0, n);
      if (logarithm) {
        RowMath.subtract(s.x, 0, n, sum.maximum);
        RowMath.subtract(s.x, 0, n, (float) Math.log(sum.exponentials));
      } else {
        RowMath.exponentials(s.x, s.x, 0, n, sum.maximum);
        RowMath.scale(s.x, 0, n, (float) (1 / sum.exponentials));
      }
      Conversions.narrow(s.x, 0, y, from + i, n, s.halves);
    }
  }

  void gradient(Operand dy, Operand y, Operand dx, int rows, int cols, boolean logarithm) {
    if (cols > CHUNK) {
      reductions.eachRow(rows, cols, (row, s) -> longGradient(dy, y, dx, row, cols, logarithm, s));
      return;
    }
    RowBlock block = RowBlock.of(cols, BLOCK);
    block.run(
        workers,
        rows,
        (first, count, s) -> {
          int stride = block.stride();
          float[] sums = s.large(0, count);
          block.widen(dy, first, count, s.x, 0, s);
          block.widen(y, first, count, s.y, 0, s);
          if (logarithm) {
            RowLoops.sums(s.x, stride, cols, count, s.w);
            RowLoops.totals(s.w, count, 1, sums);
            Activations.exp(s.y, 0, count * stride);
            RowLoops.scale(s.y, stride, cols, count, sums);
            ElementWise.subtract(s.x, s.y, count * stride);
          } else {
            RowLoops.dots(s.x, s.y, stride, cols, count, s.w);
            RowLoops.totals(s.w, count, 1, sums);
            RowLoops.subtract(s.x, stride, cols, count, sums);
            ElementWise.multiply(s.x, s.y, count * stride);
          }
          block.narrow(s.x, first, count, dx, s);
        });
  }

  private static void longGradient(
      Operand dy, Operand y, Operand dx, int row, int cols, boolean logarithm, Scratch s) {
    long from = (long) row * cols;
    double sum = 0;
    for (int i = 0; i < cols; i += CHUNK) {
      int n = Math.min(CHUNK, cols - i);
      Conversions.widen(dy, from + i, s.x, 0, n);
      Conversions.widen(y, from + i, s.y, 0, n);
      sum += sum(s.x, s.y, 0, n, logarithm);
    }
    for (int i = 0; i < cols; i += CHUNK) {
      int n = Math.min(CHUNK, cols - i);
      Conversions.widen(dy, from + i, s.x, 0, n);
      Conversions.widen(y, from + i, s.y, 0, n);
      slopes(s.x, s.y, 0, n, sum, logarithm);
      Conversions.narrow(s.x, 0, dx, from + i, n, s.halves);
    }
  }

  /** Σ dy·y, or, of the logarithm, Σ dy. */
  private static double sum(float[] dy, float[] y, int at, int n, boolean logarithm) {
    return logarithm ? Reductions.total(dy, at, n) : RowMath.dot(dy, at, y, at, n);
  }

  /** dy = y·(dy − sum), or, of the logarithm, dy − eʸ·sum; y is overwritten. */
  private static void slopes(float[] dy, float[] y, int at, int n, double sum, boolean logarithm) {
    if (logarithm) {
      Activations.exp(y, at, n);
      subtractProduct(dy, y, at, n, (float) sum);
    } else {
      RowMath.subtract(dy, at, n, (float) sum);
      multiply(dy, y, at, n);
    }
  }

  /** A row's maximum, and the sum of e to the others' distance from it. */
  record RowSum(float maximum, double exponentials) {

    double logarithm() {
      return Math.log(exponentials) + maximum;
    }
  }

  /**
   * In one pass: where a chunk's maximum is greater than those before, their sum is brought to it.
   * A row that fits a chunk is in {@code s.x} afterwards, its exponentials in {@code s.y}.
   */
  static RowSum sum(Operand x, long from, int cols, Scratch s) {
    float maximum = Float.NEGATIVE_INFINITY;
    double sum = 0;
    for (int i = 0; i < cols; i += CHUNK) {
      int n = Math.min(CHUNK, cols - i);
      Conversions.widen(x, from + i, s.x, 0, n);
      float greatest = RowMath.maximum(s.x, 0, n);
      if (greatest > maximum) {
        sum *= Math.exp((double) maximum - greatest);
        maximum = greatest;
      }
      float shift = maximum == Float.NEGATIVE_INFINITY ? 0 : maximum; // −Inf so far, or NaN
      sum += RowMath.exponentials(s.x, s.y, 0, n, shift);
    }
    return new RowSum(maximum, maximum == Float.NEGATIVE_INFINITY ? Double.NaN : sum);
  }

  private static void subtractProduct(float[] x, float[] y, int at, int n, float factor) {
    for (int i = at; i < at + n; i++) {
      x[i] -= y[i] * factor;
    }
  }

  private static void multiply(float[] x, float[] y, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] *= y[i];
    }
  }
}
