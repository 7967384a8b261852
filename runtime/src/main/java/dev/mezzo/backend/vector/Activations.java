package dev.mezzo.backend.vector;

import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LT;

import dev.mezzo.backend.Unary;
import jdk.incubator.vector.FloatVector;

/**
 * The functions of one operand and their gradients, in place on FP32 arrays. Up to a vector's
 * length less one element beyond the end is computed too: arrays have room for it.
 */
final class Activations {

  private static final int LANES = Lanes.COUNT;

  private Activations() {}

  /** x = f(x). */
  static void apply(Unary function, float[] x, int at, int count) {
    switch (function) {
      case RELU -> relu(x, at, count);
      case GELU -> gelu(x, at, count);
      case SIGMOID -> sigmoid(x, at, count);
      case TANH -> tanh(x, at, count);
      case EXP -> exp(x, at, count);
      case LOG -> log(x, at, count);
    }
  }

  /** dy = dy·f′, from the first {@code count} elements; {@code saved} as {@link Unary} says. */
  static void gradient(Unary function, float[] dy, float[] saved, int count) {
    switch (function) {
      case RELU -> reluGradient(dy, saved, count);
      case GELU -> geluGradient(dy, saved, count);
      case SIGMOID -> sigmoidGradient(dy, saved, count);
      case TANH -> tanhGradient(dy, saved, count);
      case EXP -> expGradient(dy, saved, count);
      case LOG -> logGradient(dy, saved, count);
    }
  }

  private static void relu(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      FloatVector v = load(x, i);
      v.blend(0f, v.compare(LT, 0f)).add(0f).intoArray(x, i); // adding makes −0 0
    }
  }

  private static void gelu(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      FloatVector v = load(x, i);
      v.mul(VectorMath.normal(v, VectorMath.gauss(v))).intoArray(x, i);
    }
  }

  private static void sigmoid(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      VectorMath.sigmoid(load(x, i)).intoArray(x, i);
    }
  }

  private static void tanh(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      VectorMath.tanh(load(x, i)).intoArray(x, i);
    }
  }

  static void exp(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      VectorMath.exp(load(x, i)).intoArray(x, i);
    }
  }

  private static void log(float[] x, int at, int count) {
    for (int i = at; i < at + count; i += LANES) {
      VectorMath.log(load(x, i)).intoArray(x, i);
    }
  }

  private static void reluGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector zero = FloatVector.zero(Lanes.FLOATS);
      zero.blend(load(dy, i), load(y, i).compare(GT, 0f)).intoArray(dy, i);
    }
  }

  private static void geluGradient(float[] dy, float[] x, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = load(x, i);
      FloatVector gauss = VectorMath.gauss(v);
      FloatVector density = gauss.mul(0.3989423f);
      FloatVector slope = v.fma(density, VectorMath.normal(v, gauss));
      load(dy, i).mul(slope).intoArray(dy, i);
    }
  }

  private static void sigmoidGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = load(y, i);
      load(dy, i).mul(v).mul(v.neg().add(1f)).intoArray(dy, i);
    }
  }

  private static void tanhGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector v = load(y, i);
      FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
      load(dy, i).mul(v.neg().fma(v, one)).intoArray(dy, i);
    }
  }

  private static void expGradient(float[] dy, float[] y, int count) {
    for (int i = 0; i < count; i += LANES) {
      load(dy, i).mul(load(y, i)).intoArray(dy, i);
    }
  }

  private static void logGradient(float[] dy, float[] x, int count) {
    for (int i = 0; i < count; i += LANES) {
      load(dy, i).div(load(x, i)).intoArray(dy, i);
    }
  }

  private static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(Lanes.FLOATS, x, at);
  }
}
