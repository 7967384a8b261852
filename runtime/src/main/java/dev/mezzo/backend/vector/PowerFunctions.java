package dev.mezzo.backend.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Powers and their gradients, in place on FP32 arrays: mostly plain loops that C2 makes vectors of.
 */
final class PowerFunctions {

  private PowerFunctions() {}

  static void square(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] *= x[i];
    }
  }

  static void squareGradient(float[] dy, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      dy[i] *= 2 * x[i];
    }
  }

  static void sqrt(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] = (float) Math.sqrt(x[i]);
    }
  }

  static void sqrtGradient(float[] dy, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      dy[i] /= 2 * y[i];
    }
  }

  static void rsqrt(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] = 1 / (float) Math.sqrt(x[i]);
    }
  }

  static void rsqrtGradient(float[] dy, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      dy[i] = -0.5f * dy[i] * y[i] * y[i] * y[i]; // dy first: y² may vanish
    }
  }

  static void reciprocal(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] = 1 / x[i];
    }
  }

  static void reciprocalGradient(float[] dy, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      dy[i] = -dy[i] * y[i] * y[i];
    }
  }

  static void abs(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] = Math.abs(x[i]);
    }
  }

  /** x = xᵃ, in FP64; the exponents that have an own function go there. */
  static void pow(float[] x, int at, int n, float a) {
    if (a == 2) {
      square(x, at, n);
    } else if (a == -1) {
      reciprocal(x, at, n);
    } else if (a == 3) {
      cube(x, at, n);
    } else if (a == 4) {
      fourth(x, at, n);
    } else if (a == 0.5f) {
      root(x, at, n);
    } else if (a == 0) {
      Arrays.fill(x, at, at + n, 1f);
    } else if (a != 1) {
      RealPowers.apply(x, at, n, a);
    }
  }

  /** Unlike the square root, 0 of −0 and Inf of −Inf. */
  private static void root(float[] x, int at, int n) {
    for (int i = at; i < at + n; i += Lanes.COUNT) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, x, i);
      v = v.blend(Float.POSITIVE_INFINITY, v.eq(Float.NEGATIVE_INFINITY));
      v.add(0f).sqrt().intoArray(x, i);
    }
  }

  private static void cube(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      x[i] = (float) ((double) x[i] * x[i] * x[i]);
    }
  }

  private static void fourth(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      double square = (double) x[i] * x[i];
      x[i] = (float) (square * square);
    }
  }

  private static void cubeGradient(float[] dy, float[] x, int n) {
    for (int i = 0; i < n; i++) {
      dy[i] = (float) (3.0 * dy[i] * x[i] * x[i]);
    }
  }

  /** dy = dy·a·xᵃ⁻¹. */
  static void powGradient(float[] dy, float[] x, int n, float a) {
    if (a == 2) {
      squareGradient(dy, x, n);
    } else if (a == 3) {
      cubeGradient(dy, x, n);
    } else if (a == 0) {
      ElementWise.scale(dy, 0, n);
    } else if (a != 1) {
      RealPowers.baseGradient(dy, x, n, a);
    }
  }
}
