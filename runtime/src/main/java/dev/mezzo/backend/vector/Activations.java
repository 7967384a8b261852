package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import dev.mezzo.backend.Unary;
import jdk.incubator.vector.FloatVector;

/**
 * The functions of one operand and their gradients, in place on FP32 arrays; with {@link
 * VectorMath}'s errors. Up to a vector's length less one element beyond the end is computed too:
 * arrays have room for it.
 */
final class Activations {

  private static final int LANES = Lanes.COUNT;
  private static final float LN_2 = 0.6931472f;

  private Activations() {}

  /** x = f(x), from element {@code at} on; {@code buffer} has room for {@code count} elements. */
  static void apply(Unary unary, float[] x, int at, int count, float[] buffer) {
    switch (unary.function()) {
      case RELU -> relu(x, at, count);
      case LEAKY_RELU -> Selections.leakyRelu(x, at, count, unary.a());
      case ELU -> {
        SmoothFunctions.expOfLesser(x, at, count, buffer);
        SmoothFunctions.elu(x, at, count, buffer, unary.a());
      }
      case GELU_TANH -> {
        SmoothFunctions.expOfGelu(x, at, count, buffer);
        SmoothFunctions.silu(x, at, count, buffer);
      }
      case SILU -> {
        SmoothFunctions.expOfNegative(x, at, count, buffer);
        SmoothFunctions.silu(x, at, count, buffer);
      }
      case SOFTPLUS -> {
        SmoothFunctions.expOfNegative(x, at, count, buffer);
        SmoothFunctions.log1p(buffer, count);
        SmoothFunctions.softplus(x, at, count, buffer);
      }
      case CLAMP, HARD_TANH -> Selections.clamp(x, at, count, unary.a(), unary.b());
      case HARD_SIGMOID -> Selections.hardSigmoid(x, at, count);
      case HARD_SWISH -> Selections.hardSwish(x, at, count);
      case POW -> PowerFunctions.pow(x, at, count, unary.a());
      case SQUARE -> PowerFunctions.square(x, at, count);
      case SQRT -> PowerFunctions.sqrt(x, at, count);
      case RSQRT -> PowerFunctions.rsqrt(x, at, count);
      case RECIPROCAL -> PowerFunctions.reciprocal(x, at, count);
      case ABS -> PowerFunctions.abs(x, at, count);
      case SIN -> Trigonometry.sine(x, at, count, 0, buffer);
      case COS -> Trigonometry.sine(x, at, count, 1, buffer);
      case GELU -> {
        gauss(x, at, count, buffer);
        gelu(x, at, count, buffer);
      }
      case SIGMOID -> {
        SmoothFunctions.expOfNegative(x, at, count, buffer);
        sigmoid(x, at, count, buffer);
      }
      case TANH -> {
        expOfDouble(x, at, count, buffer);
        tanh(x, at, count, buffer);
      }
      case EXP -> exp(x, at, count);
      case LOG -> {
        System.arraycopy(x, at, buffer, 0, count);
        normalize(x, at, count);
        log(x, at, count);
        specialLog(x, at, count, buffer);
      }
    }
  }

  /**
   * dy = dy·f′, the first {@code count} elements; {@code saved} as {@link Unary} says, and
   * overwritten.
   */
  static void gradient(Unary unary, float[] dy, float[] saved, int count, float[] buffer) {
    switch (unary.function()) {
      case RELU -> reluGradient(dy, saved, count);
      case LEAKY_RELU -> Selections.leakyReluGradient(dy, saved, count, unary.a());
      case ELU -> SmoothFunctions.eluGradient(dy, saved, count, unary.a());
      case GELU_TANH -> {
        SmoothFunctions.expOfGelu(saved, 0, count, buffer);
        SmoothFunctions.geluTanhGradient(dy, saved, count, buffer);
      }
      case SILU -> {
        SmoothFunctions.expOfNegative(saved, 0, count, buffer);
        SmoothFunctions.siluGradient(dy, saved, count, buffer);
      }
      case SOFTPLUS -> {
        SmoothFunctions.expOfNegative(saved, 0, count, buffer);
        SmoothFunctions.softplusGradient(dy, saved, count, buffer);
      }
      case CLAMP -> Selections.clampGradient(dy, saved, count, unary.a(), unary.b());
      case HARD_TANH -> Selections.insideGradient(dy, saved, count, unary.a(), unary.b(), 1);
      case HARD_SIGMOID -> Selections.insideGradient(dy, saved, count, -3, 3, 6);
      case HARD_SWISH -> Selections.hardSwishGradient(dy, saved, count);
      case POW -> PowerFunctions.powGradient(dy, saved, count, unary.a());
      case SQUARE -> PowerFunctions.squareGradient(dy, saved, count);
      case SQRT -> PowerFunctions.sqrtGradient(dy, saved, count);
      case RSQRT -> PowerFunctions.rsqrtGradient(dy, saved, count);
      case RECIPROCAL -> PowerFunctions.reciprocalGradient(dy, saved, count);
      case ABS -> Selections.absGradient(dy, saved, count);
      case SIN -> Trigonometry.sineGradient(dy, saved, count, buffer);
      case COS -> Trigonometry.cosineGradient(dy, saved, count, buffer);
      case GELU -> {
        gauss(saved, 0, count, buffer);
        geluGradient(dy, saved, count, buffer);
      }
      case SIGMOID -> sigmoidGradient(dy, saved, count);
      case TANH -> tanhGradient(dy, saved, count);
      case EXP -> expGradient(dy, saved, count);
      case LOG -> logGradient(dy, saved, count);
    }
  }

  private static void relu(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      v.blend(0f, v.lt(0f)).add(0f).intoArray(x, i); // adding makes −0 0
    }
  }

  private static void gauss(float[] x, int at, int count, float[] to) {
    for (int i = 0; i < count; i += LANES) {
      VectorMath.gauss(fromArray(FLOATS, x, at + i)).intoArray(to, i);
    }
  }

  private static void gelu(float[] x, int at, int count, float[] gauss) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, at + i);
      v.mul(VectorMath.normal(v, fromArray(FLOATS, gauss, i))).intoArray(x, at + i);
    }
  }

  /** 1 / (1 + e⁻ˣ), within 3 units in the last place, also where it is subnormal. */
  private static void sigmoid(float[] x, int at, int count, float[] exp) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector e = fromArray(FLOATS, exp, i);
      FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
      one.blend(e, fromArray(FLOATS, x, at + i).lt(0f)).div(e.add(1f)).intoArray(x, at + i);
    }
  }

  private static void expOfDouble(float[] x, int at, int count, float[] to) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector a = fromArray(FLOATS, x, at + i).abs();
      VectorMath.exp(a.add(a)).intoArray(to, i);
    }
  }

  private static void tanh(float[] x, int at, int count, float[] exp) {
    for (int i = 0; i < count; i += LANES) {
      VectorMath.tanh(fromArray(FLOATS, x, at + i), fromArray(FLOATS, exp, i)).intoArray(x, at + i);
    }
  }

  static void exp(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      VectorMath.exp(fromArray(FLOATS, x, i)).intoArray(x, i);
    }
  }

  /** Makes subnormal numbers normal. */
  private static void normalize(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      v.blend(v.mul(0x1p25f), v.lt(Float.MIN_NORMAL)).intoArray(x, i);
    }
  }

  private static void log(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      VectorMath.logOfNormal(fromArray(FLOATS, x, i)).intoArray(x, i);
    }
  }

  /** What the logarithm of a normal number got wrong; {@code of} are the operands. */
  private static void specialLog(float[] x, int at, int count, float[] of) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = fromArray(FLOATS, of, i);
      FloatVector y = fromArray(FLOATS, x, at + i);
      y = y.blend(y.sub(25 * LN_2), v.lt(Float.MIN_NORMAL));
      y = y.blend(Float.NEGATIVE_INFINITY, v.eq(0f));
      y = y.blend(Float.NaN, v.lt(0f));
      // Inf and NaN: all that is not at most the greatest number.
      y.blend(v, v.compare(LE, Float.MAX_VALUE).not().andNot(v.lt(0f))).intoArray(x, at + i);
    }
  }

  private static void reluGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector zero = FloatVector.zero(Lanes.FLOATS);
      zero.blend(fromArray(FLOATS, dy, i), fromArray(FLOATS, y, i).compare(GT, 0f))
          .intoArray(dy, i);
    }
  }

  private static void geluGradient(float[] dy, float[] x, int count, float[] gauss) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = fromArray(FLOATS, x, i);
      FloatVector g = fromArray(FLOATS, gauss, i);
      FloatVector slope = v.fma(g.mul(0.3989423f), VectorMath.normal(v, g));
      fromArray(FLOATS, dy, i).mul(slope).intoArray(dy, i);
    }
  }

  private static void sigmoidGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = fromArray(FLOATS, y, i);
      fromArray(FLOATS, dy, i).mul(v).mul(v.neg().add(1f)).intoArray(dy, i);
    }
  }

  private static void tanhGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = fromArray(FLOATS, y, i);
      FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
      fromArray(FLOATS, dy, i).mul(v.neg().fma(v, one)).intoArray(dy, i);
    }
  }

  private static void expGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      fromArray(FLOATS, dy, i).mul(fromArray(FLOATS, y, i)).intoArray(dy, i);
    }
  }

  private static void logGradient(float[] dy, float[] x, int count) {
    for (int i = 0; i < count; i += LANES) {
      fromArray(FLOATS, dy, i).div(fromArray(FLOATS, x, i)).intoArray(dy, i);
    }
  }
}
