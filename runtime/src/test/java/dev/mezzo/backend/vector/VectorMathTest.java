package dev.mezzo.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Unary;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** Errors in units in the last place, over every 251st float. */
final class VectorMathTest {

  private static final int STEP = 251;

  @Test
  void exp() {
    check(Unary.EXP, Math::exp, 1.5, -104, 89);
  }

  @Test
  void log() {
    check(Unary.LOG, Math::log, 2, 0, Float.MAX_VALUE);
  }

  @Test
  void tanh() {
    check(Unary.TANH, Math::tanh, 2.5, -Float.MAX_VALUE, Float.MAX_VALUE);
  }

  @Test
  void sigmoid() {
    check(Unary.SIGMOID, x -> 1 / (1 + Math.exp(-x)), 3, -104, Float.MAX_VALUE);
  }

  @Test
  void gelu() {
    check(Unary.GELU, x -> x * normal(x), 8, -12, Float.MAX_VALUE);
  }

  @Test
  void specialValues() {
    float inf = Float.POSITIVE_INFINITY;
    float nan = Float.NaN;
    special(Unary.EXP, new float[] {0, -0f, inf, -inf, nan}, new float[] {1, 1, inf, 0, nan});
    special(
        Unary.LOG,
        new float[] {1, 0, -0f, -1, inf, nan},
        new float[] {0, -inf, -inf, nan, inf, nan});
    special(Unary.TANH, new float[] {0, inf, -inf, nan}, new float[] {0, 1, -1, nan});
    special(Unary.SIGMOID, new float[] {0, inf, -inf, nan}, new float[] {0.5f, 1, 0, nan});
    special(
        Unary.RELU, new float[] {0, -0f, inf, -inf, nan, -3}, new float[] {0, 0, inf, 0, nan, 0});
    special(
        Unary.GELU, new float[] {0, inf, nan, 1e30f, -1e30f}, new float[] {0, inf, nan, 1e30f, 0});
  }

  private static void special(Unary function, float[] x, float[] expected) {
    float[] values = new float[64];
    System.arraycopy(x, 0, values, 0, x.length);
    Activations.apply(function, values, 0, x.length, new float[64]);
    for (int i = 0; i < x.length; i++) {
      float at = x[i];
      assertEquals(expected[i] + 0f, values[i] + 0f, () -> function + " of " + at);
    }
  }

  private static void check(
      Unary function, DoubleUnaryOperator exact, double ulps, double from, double to) {
    float[] x = new float[Scratch.CHUNK];
    float[] y = new float[Scratch.CHUNK];
    int count = 0;
    double worst = 0;
    for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STEP) {
      float value = Float.intBitsToFloat((int) bits);
      if (value >= from && value <= to) {
        x[count++] = value;
      }
      if (count == x.length || bits + STEP > Integer.MAX_VALUE) {
        System.arraycopy(x, 0, y, 0, count);
        Activations.apply(function, y, 0, count, new float[Scratch.CHUNK]);
        for (int i = 0; i < count; i++) {
          worst = Math.max(worst, error(exact.applyAsDouble(x[i]), y[i]));
        }
        count = 0;
      }
    }
    assertTrue(worst <= ulps, function + ": " + worst);
  }

  private static double error(double exact, float found) {
    if ((float) exact == found) {
      return 0;
    }
    return Math.abs(exact - found) / Math.ulp((float) exact);
  }

  /** Φ by the continued fraction of the tail, or its series near zero, in FP64. */
  private static double normal(double x) {
    double a = Math.abs(x);
    double density = Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
    double tail;
    if (a < 3) {
      double term = a;
      double sum = a;
      for (int i = 3; Math.abs(term) > 1e-18; i += 2) {
        term *= a * a / i;
        sum += term;
      }
      tail = 0.5 - density * sum;
    } else {
      double fraction = a;
      for (int i = 200; i >= 1; i--) {
        fraction = a + i / fraction;
      }
      tail = density / fraction;
    }
    return x < 0 ? tail : 1 - tail;
  }
}
