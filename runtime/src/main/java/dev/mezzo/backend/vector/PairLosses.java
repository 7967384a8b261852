package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.mezzo.backend.PairLoss;
import dev.mezzo.backend.Unary;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * The losses of {@link PairLoss} and their slopes, in place on the chunks {@code x} of a scratch,
 * of which {@code y} holds the targets; in FP32, in forms in which nothing cancels for targets
 * between 0 and 1: a logit's loss is |x|·(t, or 1 − t where x is not negative) + log(1 + e^−|x|).
 */
final class PairLosses {

  private static final int LANES = Lanes.COUNT;

  /** Logarithms are cut off there, as in PyTorch, so that a certain error is not infinite. */
  private static final float LEAST_LOG = -100;

  /** What the slope of a certain error is divided by at least, as in PyTorch. */
  private static final float LEAST_SPREAD = 1e-12f;

  private PairLosses() {}

  /** x = f(x, y). */
  static void values(PairLoss loss, int n, Scratch s) {
    switch (loss.function()) {
      case LOGISTIC -> logistic(n, s);
      case BINARY_CROSS_ENTROPY -> {
        logarithms(n, s);
        entropy(s.y, s.z, s.w, n, s.x);
      }
      case SMOOTH_L1 -> smooth(s.x, s.y, n, loss.a());
      case FOCAL -> {
        float[] wrong = s.register(1);
        System.arraycopy(s.x, 0, wrong, 0, n);
        logistic(n, s);
        SmoothFunctions.expOfNegative(wrong, 0, n, s.z);
        wrong(wrong, s.y, s.z, n);
        PowerFunctions.pow(wrong, 0, n, loss.b());
        weigh(s.x, wrong, s.y, n, loss.a());
      }
      case KL -> {
        System.arraycopy(s.y, 0, s.z, 0, n);
        Activations.apply(Unary.LOG, s.z, 0, n, s.w);
        divergence(s.x, s.y, s.z, n);
      }
    }
  }

  /** x = f′ by x. */
  static void slopes(PairLoss loss, int n, Scratch s) {
    switch (loss.function()) {
      case LOGISTIC -> {
        SmoothFunctions.expOfNegative(s.x, 0, n, s.z);
        logisticSlope(s.x, s.y, s.z, n);
      }
      case BINARY_CROSS_ENTROPY -> entropySlope(s.x, s.y, n);
      case SMOOTH_L1 -> smoothSlope(s.x, s.y, n, loss.a());
      case FOCAL -> focalSlope(loss, n, s);
      case KL -> negate(s.y, n, s.x);
    }
  }

  /** x = f′ by the target. */
  static void targetSlopes(PairLoss loss, int n, Scratch s) {
    switch (loss.function()) {
      case LOGISTIC -> negate(s.x, n, s.x);
      case BINARY_CROSS_ENTROPY -> {
        logarithms(n, s);
        ElementWise.subtract(s.w, s.z, n);
        System.arraycopy(s.w, 0, s.x, 0, n);
      }
      case SMOOTH_L1 -> {
        smoothSlope(s.x, s.y, n, loss.a());
        negate(s.x, n, s.x);
      }
      case FOCAL -> throw new IllegalStateException("the target of focal loss has no gradient");
      case KL -> {
        Activations.apply(Unary.LOG, s.y, 0, n, s.w);
        divergenceSlope(s.x, s.y, n);
      }
    }
  }

  private static void logistic(int n, Scratch s) {
    SmoothFunctions.expOfNegative(s.x, 0, n, s.z);
    SmoothFunctions.log1p(s.z, n);
    logistic(s.x, s.y, s.z, n);
  }

  private static void logistic(float[] x, float[] t, float[] log1p, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      FloatVector target = fromArray(FLOATS, t, i);
      FloatVector far = target.neg().add(1f).blend(target, v.compare(LT, 0f));
      v.abs().fma(far, fromArray(FLOATS, log1p, i)).intoArray(x, i);
    }
  }

  /** x = σ(x)·(1 − t) − σ(−x)·t, given {@code exp = e^−|x|}. */
  private static void logisticSlope(float[] x, float[] t, float[] exp, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      FloatVector target = fromArray(FLOATS, t, i);
      FloatVector e = fromArray(FLOATS, exp, i);
      FloatVector one = broadcast(FLOATS, 1f);
      VectorMask<Float> negative = v.compare(LT, 0f);
      FloatVector up = one.blend(e, negative).mul(one.sub(target));
      FloatVector down = e.blend(one, negative).mul(target);
      up.sub(down).div(e.add(1f)).intoArray(x, i);
    }
  }

  /** z = log x, w = log(1 − x), both at least −100. */
  private static void logarithms(int n, Scratch s) {
    System.arraycopy(s.x, 0, s.z, 0, n);
    Activations.apply(Unary.LOG, s.z, 0, n, s.w);
    rest(s.x, n, s.w);
    Activations.apply(Unary.LOG, s.w, 0, n, s.register(1));
    bound(s.x, s.z, s.w, n);
  }

  private static void rest(float[] x, int n, float[] to) {
    for (int i = 0; i < n; i++) {
      to[i] = 1 - x[i];
    }
  }

  /**
   * The logarithm of t = 1 − x as rounded becomes log t·x/(1 − t), in which the error of t cancels.
   */
  private static void bound(float[] x, float[] log, float[] logOfRest, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      FloatVector rounded = v.neg().add(1f).neg().add(1f);
      FloatVector rest = fromArray(FLOATS, logOfRest, i);
      rest = rest.mul(v.div(rounded)).blend(v.neg(), rounded.eq(0f));
      rest.max(LEAST_LOG).intoArray(logOfRest, i);
      fromArray(FLOATS, log, i).max(LEAST_LOG).intoArray(log, i);
    }
  }

  /** to = −t·log − (1 − t)·logOfRest. */
  private static void entropy(float[] t, float[] log, float[] logOfRest, int n, float[] to) {
    for (int i = 0; i < n; i++) {
      to[i] = -t[i] * log[i] - (1 - t[i]) * logOfRest[i];
    }
  }

  private static void entropySlope(float[] x, float[] t, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = (x[i] - t[i]) / Math.max(x[i] * (1 - x[i]), LEAST_SPREAD);
    }
  }

  private static void smooth(float[] x, float[] t, int n, float a) {
    for (int i = 0; i < n; i++) {
      float distance = Math.abs(x[i] - t[i]);
      float least = Math.min(distance, a); // a branch would often be mispredicted
      x[i] = a == 0 ? distance : least / a * (distance - least / 2);
    }
  }

  private static void smoothSlope(float[] x, float[] t, int n, float a) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector away = fromArray(FLOATS, x, i).sub(fromArray(FLOATS, t, i));
      FloatVector sign = away.blend(1f, away.compare(GT, 0f)).blend(-1f, away.compare(LT, 0f));
      sign.blend(away.div(a), away.abs().compare(LT, a)).intoArray(x, i);
    }
  }

  /**
   * The probability of the wrong answer, σ(−x)·t + σ(x)·(1 − t), given {@code exp = e^−|x|}; 2⁻¹²⁶
   * in place of what is nearer to 0, so that powers of it stay finite.
   */
  private static void wrong(float[] x, float[] t, float[] exp, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      FloatVector target = fromArray(FLOATS, t, i);
      FloatVector e = fromArray(FLOATS, exp, i);
      FloatVector one = broadcast(FLOATS, 1f);
      VectorMask<Float> negative = v.compare(LT, 0f);
      FloatVector up = one.blend(e, negative).mul(one.sub(target));
      FloatVector sum = e.blend(one, negative).fma(target, up);
      FloatVector w = sum.div(e.add(1f));
      w.blend(Float.MIN_NORMAL, w.abs().compare(LT, Float.MIN_NORMAL)).intoArray(x, i);
    }
  }

  /** x = x·power·(a of t = 1, 1 − a of t = 0). */
  private static void weigh(float[] x, float[] power, float[] t, int n, float a) {
    for (int i = 0; i < n; i++) {
      x[i] *= power[i] * (a * t[i] + (1 - a) * (1 - t[i]));
    }
  }

  /** weight·wrongᵇ⁻¹·((σ(x) − t)·wrong − b·(2t − 1)·σ(x)·σ(−x)·l), l the loss without weights. */
  private static void focalSlope(PairLoss loss, int n, Scratch s) {
    float[] wrong = s.register(1);
    float[] slope = s.register(2);
    float[] exp = s.register(3);
    System.arraycopy(s.x, 0, wrong, 0, n);
    System.arraycopy(s.x, 0, slope, 0, n);
    SmoothFunctions.expOfNegative(s.x, 0, n, exp);
    logisticSlope(slope, s.y, exp, n);
    wrong(wrong, s.y, exp, n);
    logistic(n, s);
    turn(s.x, slope, wrong, s.y, exp, n, loss.b());
    PowerFunctions.pow(wrong, 0, n, loss.b() - 1);
    weigh(s.x, wrong, s.y, n, loss.a());
  }

  /** x = slope·wrong − b·(2t − 1)·σ(x)·σ(−x)·x, x the loss. */
  private static void turn(
      float[] x, float[] slope, float[] wrong, float[] t, float[] exp, int n, float b) {
    for (int i = 0; i < n; i++) {
      float sum = 1 + exp[i];
      float turn = b * (2 * t[i] - 1) * (exp[i] / (sum * sum));
      x[i] = slope[i] * wrong[i] - turn * x[i];
    }
  }

  /** x = t·(log t − x), 0 for t = 0. */
  private static void divergence(float[] x, float[] t, float[] log, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector target = fromArray(FLOATS, t, i);
      FloatVector y = target.mul(fromArray(FLOATS, log, i).sub(fromArray(FLOATS, x, i)));
      y.blend(0f, target.eq(0f)).intoArray(x, i);
    }
  }

  private static void divergenceSlope(float[] x, float[] log, int n) {
    for (int i = 0; i < n; i++) {
      x[i] = log[i] + 1 - x[i];
    }
  }

  private static void negate(float[] x, int n, float[] to) {
    for (int i = 0; i < n; i++) {
      to[i] = -x[i];
    }
  }
}
