package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Silu, elu, softplus and the tanh form of gelu, and their gradients, in place on FP32 arrays, each
 * by loops short enough to be inlined. Up to a vector's length less one element beyond the end is
 * computed too.
 */
final class SmoothFunctions {

  private static final int LANES = Lanes.COUNT;

  /** 2·√(2/π): the argument of gelu's sigmoid is this·(x + 0.044715·x³). */
  private static final float TWICE = 1.595769f;

  private static final float CUBIC = 0.044715f;

  /** Beyond it gelu's tanh form is x or 0. */
  private static final float END = 20;

  private SmoothFunctions() {}

  /** {@code to = e^−|x|}. */
  static void expOfNegative(float[] x, int at, int n, float[] to) {
    for (int i = 0; i < n; i += LANES) {
      VectorMath.exp(fromArray(FLOATS, x, at + i).abs().neg()).intoArray(to, i);
    }
  }

  /** x = x·σ(x), given {@code exp = e^−|x|}; of gelu, x·σ(w), given {@code e^−|w|}. */
  static void silu(float[] x, int at, int n, float[] exp) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, at + i);
      v.mul(sigmoid(v, fromArray(FLOATS, exp, i))).intoArray(x, at + i);
    }
  }

  /** dy = dy·σ·(1 + x·(1 − σ)), given {@code exp = e^−|x|}. */
  static void siluGradient(float[] dy, float[] x, int n, float[] exp) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      FloatVector e = fromArray(FLOATS, exp, i);
      FloatVector one = broadcast(FLOATS, 1f);
      FloatVector sum = e.add(1f);
      VectorMask<Float> negative = v.lt(0f);
      FloatVector rest = e.blend(one, negative).div(sum); // 1 − σ
      FloatVector slope = one.blend(e, negative).div(sum).mul(v.fma(rest, one));
      fromArray(FLOATS, dy, i).mul(slope).intoArray(dy, i);
    }
  }

  /** dy = dy·σ(x), given {@code exp = e^−|x|}. */
  static void softplusGradient(float[] dy, float[] x, int n, float[] exp) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, dy, i)
          .mul(sigmoid(fromArray(FLOATS, x, i), fromArray(FLOATS, exp, i)))
          .intoArray(dy, i);
    }
  }

  /**
   * exp = log(1 + exp), for numbers in [0, 1]: with t = 1 + e as rounded, log t·e/(t − 1), in which
   * the error of t cancels.
   */
  static void log1p(float[] exp, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector e = fromArray(FLOATS, exp, i);
      FloatVector t = e.add(1f);
      FloatVector rest = t.sub(1f);
      FloatVector y = VectorMath.logOfNormal(t).mul(e.div(rest));
      y.blend(e, rest.eq(0f)).intoArray(exp, i);
    }
  }

  /** x = max(x, 0) + log1p. */
  static void softplus(float[] x, int at, int n, float[] log1p) {
    for (int i = 0; i < n; i += LANES) {
      fromArray(FLOATS, x, at + i).max(0f).add(fromArray(FLOATS, log1p, i)).intoArray(x, at + i);
    }
  }

  /** exp = e to the lesser of x and 0. */
  static void expOfLesser(float[] x, int at, int n, float[] exp) {
    for (int i = 0; i < n; i += LANES) {
      VectorMath.exp(fromArray(FLOATS, x, at + i).min(0f)).intoArray(exp, i);
    }
  }

  /** x = x > 0 ? x : a·(exp − 1), without the cancellation near 0. */
  static void elu(float[] x, int at, int n, float[] exp, float a) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, at + i);
      FloatVector y = fromArray(FLOATS, exp, i).sub(1f);
      y = y.blend(VectorMath.smallExpMinus1(v), v.compare(GT, -0.34f));
      y.mul(a).blend(v, v.compare(GT, 0f)).intoArray(x, at + i);
    }
  }

  /** dy = y > 0 ? dy : dy·(y + a). */
  static void eluGradient(float[] dy, float[] y, int n, float a) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, dy, i);
      FloatVector result = fromArray(FLOATS, y, i);
      v.mul(result.add(a)).blend(v, result.compare(GT, 0f)).intoArray(dy, i);
    }
  }

  /** {@code to = e^−|w|}, w the argument of gelu's sigmoid. */
  static void expOfGelu(float[] x, int at, int n, float[] to) {
    for (int i = 0; i < n; i += LANES) {
      VectorMath.exp(argument(fromArray(FLOATS, x, at + i)).abs().neg()).intoArray(to, i);
    }
  }

  /** dy = dy·σ(w)·(1 + x·(1 − σ(w))·w′), given {@code exp = e^−|w|}. */
  static void geluTanhGradient(float[] dy, float[] x, int n, float[] exp) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = bounded(fromArray(FLOATS, x, i));
      FloatVector e = fromArray(FLOATS, exp, i);
      FloatVector one = broadcast(FLOATS, 1f);
      FloatVector sum = e.add(1f);
      VectorMask<Float> negative = v.lt(0f);
      FloatVector rest = e.blend(one, negative).div(sum); // 1 − σ
      FloatVector dw = v.mul(v).mul(3 * CUBIC).add(1f).mul(TWICE);
      FloatVector slope = one.blend(e, negative).div(sum).mul(v.mul(dw).fma(rest, one));
      fromArray(FLOATS, dy, i).mul(slope).intoArray(dy, i);
    }
  }

  private static FloatVector argument(FloatVector x) {
    FloatVector v = bounded(x);
    return v.mul(v).mul(v).fma(broadcast(FLOATS, CUBIC), v).mul(TWICE);
  }

  private static FloatVector bounded(FloatVector x) {
    return x.max(-END).min(END);
  }

  /** 1 / (1 + e⁻ˣ), given {@code e = e^−|x|}. */
  private static FloatVector sigmoid(FloatVector x, FloatVector e) {
    return one().blend(e, x.lt(0f)).div(e.add(1f));
  }

  private static FloatVector one() {
    return broadcast(FLOATS, 1f);
  }
}
