package dev.mezzo.backend.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** What softmax and cross entropy need of a row, or a chunk of one, in an FP32 array. */
final class RowMath {

  private static final int LANES = Lanes.COUNT;

  private RowMath() {}

  /**
   * The greatest of the first n elements that are not NaN; of none −Inf. A NaN makes itself felt in
   * the exponentials' sum.
   */
  static float maximum(float[] x, int n) {
    pad(x, n);
    FloatVector greatest = FloatVector.broadcast(Lanes.FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
      greatest = greatest.blend(v, v.compare(VectorOperators.GT, greatest)); // max() minds −0
    }
    return greatest.reduceLanes(VectorOperators.MAX); // in whatever order
  }

  /** {@code to = e^(x − maximum)}; returns the sum. */
  static double exponentials(float[] x, float[] to, int n, float maximum) {
    pad(x, n);
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    for (int i = 0; i < n; i += LANES) {
      FloatVector e = VectorMath.exp(FloatVector.fromArray(Lanes.FLOATS, x, i).sub(maximum));
      e.intoArray(to, i);
      sum = sum.add(e);
    }
    return Lanes.sum(sum);
  }

  /** Σ x·y. */
  static double dot(float[] x, float[] y, int n) {
    FloatVector sum = FloatVector.zero(Lanes.FLOATS);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
      sum = v.fma(FloatVector.fromArray(Lanes.FLOATS, y, i), sum);
    }
    double result = Lanes.sum(sum);
    for (; i < n; i++) {
      result += (double) x[i] * y[i];
    }
    return result;
  }

  /** x −= y. */
  static void subtract(float[] x, float y, int n) {
    for (int i = 0; i < n; i++) {
      x[i] -= y;
    }
  }

  /** Fills up the last vector with what changes neither a maximum nor a sum of exponentials. */
  private static void pad(float[] x, int n) {
    Arrays.fill(x, n, (n + LANES - 1) / LANES * LANES, Float.NEGATIVE_INFINITY);
  }
}
