package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * What takes one of several numbers, in place on FP32 arrays. Up to a vector's length less one
 * element beyond the end is computed too.
 */
final class Selections {

  private static final int LANES = Lanes.COUNT;

  private Selections() {}

  /** x = x ≠ 0 ? a : b. */
  static void where(float[] x, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, a, i)
          .blend(fromArray(FLOATS, b, i), fromArray(FLOATS, x, i).eq(0f))
          .intoArray(x, i);
    }
  }

  /** x = x = y ? 1 : 0. */
  static void equal(float[] x, float[] y, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.zero(Lanes.FLOATS)
          .blend(1f, fromArray(FLOATS, x, i).eq(fromArray(FLOATS, y, i)))
          .intoArray(x, i);
    }
  }

  /** dy = a = b ? dy : 0. */
  static void tied(float[] dy, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i += LANES) {
      VectorMask<Float> tied = fromArray(FLOATS, a, i).eq(fromArray(FLOATS, b, i));
      FloatVector.zero(Lanes.FLOATS).blend(fromArray(FLOATS, dy, i), tied).intoArray(dy, i);
    }
  }

  /** dy = a = b ? dy/2 : a &lt; b ? 0 : dy. */
  static void maximumGradient(float[] dy, float[] a, float[] b, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, dy, i);
      FloatVector left = fromArray(FLOATS, a, i);
      FloatVector right = fromArray(FLOATS, b, i);
      v = v.blend(v.mul(0.5f), left.eq(right));
      v.blend(0f, left.lt(right)).intoArray(dy, i);
    }
  }

  /** x = x > 0 ? x : a·x. */
  static void leakyRelu(float[] x, int at, int n, float a) {
    for (int i = at; i < at + n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      positive(v, v.mul(a), v).intoArray(x, i);
    }
  }

  /** dy = y > 0 ? dy : a·dy. */
  static void leakyReluGradient(float[] dy, float[] y, int n, float a) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, dy, i);
      positive(v, v.mul(a), fromArray(FLOATS, y, i)).intoArray(dy, i);
    }
  }

  static void clamp(float[] x, int at, int n, float least, float most) {
    for (int i = at; i < at + n; i += LANES) {
      fromArray(FLOATS, x, i).max(least).min(most).intoArray(x, i);
    }
  }

  /** dy = least ≤ x ≤ most ? dy : 0. */
  static void clampGradient(float[] dy, float[] x, int n, float least, float most) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      VectorMask<Float> within = ge(v, least).and(ge(v.neg(), -most));
      FloatVector.zero(Lanes.FLOATS).blend(fromArray(FLOATS, dy, i), within).intoArray(dy, i);
    }
  }

  /** dy = x ≤ least or x ≥ most ? 0 : dy/divisor. */
  static void insideGradient(float[] dy, float[] x, int n, float least, float most, float divisor) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      VectorMask<Float> outside = ge(v.neg(), -least).or(ge(v, most));
      fromArray(FLOATS, dy, i).div(divisor).blend(0f, outside).intoArray(dy, i);
    }
  }

  static void hardSigmoid(float[] x, int at, int n) {
    for (int i = at; i < at + n; i += LANES) {
      hard(fromArray(FLOATS, x, i)).intoArray(x, i);
    }
  }

  static void hardSwish(float[] x, int at, int n) {
    for (int i = at; i < at + n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      v.mul(hard(v)).intoArray(x, i);
    }
  }

  static void hardSwishGradient(float[] dy, float[] x, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      FloatVector d = fromArray(FLOATS, dy, i);
      FloatVector between = d.mul(v.div(3f).add(0.5f));
      between.blend(d, ge(v, 3f)).blend(0f, ge(v.neg(), 3f)).intoArray(dy, i);
    }
  }

  /** dy = dy·sign(x). */
  static void absGradient(float[] dy, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      dy[i] *= Math.signum(x[i]);
    }
  }

  private static FloatVector hard(FloatVector x) {
    return x.add(3f).max(0f).min(6f).div(6f);
  }

  /** test > 0 ? yes : no. */
  private static FloatVector positive(FloatVector yes, FloatVector no, FloatVector test) {
    return no.blend(yes, test.compare(GT, 0f));
  }

  private static VectorMask<Float> ge(FloatVector x, float than) {
    return x.compare(GE, than);
  }
}
