package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** What softmax and cross entropy need of a row, or a chunk of one, in an FP32 array. */
final class RowMath {

  private static final int LANES = Lanes.COUNT;

  private RowMath() {}

  /**
   * The greatest of n elements that are not NaN; of none −Inf. A NaN makes itself felt in the
   * exponentials' sum.
   */
  static float maximum(float[] x, int at, int n) {
    pad(x, at, n);
    float[] maximum = new float[1];
    RowLoops.maxima(x, at, 0, n, 1, maximum);
    return maximum[0];
  }

  /**
   * {@code to[at ..] = e^(x − maximum)}, where it is below 2⁻¹²⁶ 0; returns the sum. Both arrays
   * may be one.
   */
  static double exponentials(float[] x, float[] to, int at, int n, float maximum) {
    pad(x, at, n);
    float[] partial = new float[LANES];
    RowLoops.exponentials(x, to, at, 0, n, 1, new float[] {maximum}, partial);
    RowLoops.totals(partial, 1, 1, partial);
    return partial[0];
  }

  /** Σ x·y. */
  static double dot(float[] x, int at, float[] y, int yAt, int n) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= n - 2 * LANES; i += 2 * LANES) {
      even = fromArray(FLOATS, x, at + i).fma(fromArray(FLOATS, y, yAt + i), even);
      int next = i + LANES;
      odd = fromArray(FLOATS, x, at + next).fma(fromArray(FLOATS, y, yAt + next), odd);
    }
    double result = Lanes.sum(even.add(odd));
    for (; i < n; i++) {
      result += (double) x[at + i] * y[yAt + i];
    }
    return result;
  }

  /** x −= y. */
  static void subtract(float[] x, int at, int n, float y) {
    for (int i = at; i < at + n; i++) {
      x[i] -= y;
    }
  }

  /** x *= y. */
  static void scale(float[] x, int at, int n, float y) {
    for (int i = at; i < at + n; i++) {
      x[i] *= y;
    }
  }

  /** Fills up the last vector with what changes neither a maximum nor a sum of exponentials. */
  private static void pad(float[] x, int at, int n) {
    Arrays.fill(x, at + n, at + (n + LANES - 1) / LANES * LANES, Float.NEGATIVE_INFINITY);
  }
}
