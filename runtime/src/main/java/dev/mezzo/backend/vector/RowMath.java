package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.MAX;

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
    FloatVector even = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    FloatVector odd = even;
    int end = at + n;
    int i = at;
    for (; i < end - LANES; i += 2 * LANES) { // max() minds −0
      FloatVector a = FloatVector.fromArray(FLOATS, x, i);
      FloatVector b = FloatVector.fromArray(FLOATS, x, i + LANES);
      even = even.blend(a, a.compare(GT, even));
      odd = odd.blend(b, b.compare(GT, odd));
    }
    if (i < end) {
      FloatVector a = FloatVector.fromArray(FLOATS, x, i);
      even = even.blend(a, a.compare(GT, even));
    }
    return even.blend(odd, odd.compare(GT, even)).reduceLanes(MAX); // in whatever order
  }

  /**
   * {@code to[at ..] = e^(x − maximum)}, where it is below 2⁻¹²⁶ 0; returns the sum. Both arrays
   * may be one.
   */
  static double exponentials(float[] x, float[] to, int at, int n, float maximum) {
    pad(x, at, n);
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = at; i < at + n; i += LANES) {
      FloatVector d = FloatVector.fromArray(FLOATS, x, i).sub(maximum);
      FloatVector e = VectorMath.expOfNegative(d);
      e.intoArray(to, i);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  /** Σ x·y. */
  static double dot(float[] x, float[] y, int at, int n) {
    FloatVector sum = FloatVector.zero(FLOATS);
    int end = at + n;
    int i = at;
    for (; i <= end - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      sum = v.fma(FloatVector.fromArray(FLOATS, y, i), sum);
    }
    double result = Lanes.sum(sum);
    for (; i < end; i++) {
      result += (double) x[i] * y[i];
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
