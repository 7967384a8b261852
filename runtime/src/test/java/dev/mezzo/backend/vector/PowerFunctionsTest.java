package dev.mezzo.backend.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Unary;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Powers with one exponent against {@code Math.pow}, over floats of all magnitudes. */
final class PowerFunctionsTest {

  private static final float INF = Float.POSITIVE_INFINITY;
  private static final float[] SPECIAL = {
    0, -0f, 1, -1, INF, -INF, Float.NaN, Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, -2, 2
  };

  @ParameterizedTest
  @ValueSource(
      floats = {
        0.5f,
        4,
        1,
        0,
        5,
        -3,
        1.7f,
        -2.5f,
        0.01f,
        0.3333333f,
        100.5f,
        -1e6f,
        1e-30f,
        3e38f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN
      })
  void roundsAtMostALittleTooFar(float a) {
    SplittableRandom random = new SplittableRandom(Float.floatToIntBits(a));
    for (int round = 0; round < 200; round++) {
      float[] x = new float[64];
      for (int i = 0; i < x.length; i++) {
        boolean nearOne = round % 4 == 0;
        x[i] =
            nearOne
                ? 1 + (float) random.nextDouble(-1e-3, 1e-3)
                : Float.intBitsToFloat(random.nextInt());
      }
      System.arraycopy(SPECIAL, 0, x, 0, SPECIAL.length);
      float[] y = x.clone();
      Activations.apply(Unary.of(Unary.Function.POW, a), y, 0, y.length, new float[64]);
      for (int i = 0; i < x.length; i++) {
        check(x[i] + " to the power of " + a, Math.pow(x[i], a), y[i]);
      }
    }
  }

  private static void check(String what, double exact, float found) {
    if (Double.isNaN(exact) || Math.abs(exact) > 4e38) {
      assertEquals((float) exact, found, what);
      return;
    }
    if (exact == 0) {
      assertEquals(0, Float.compare((float) exact, found), what);
      return;
    }
    double step = Math.ulp((float) Math.min(Math.abs(exact), Float.MAX_VALUE));
    double error = Double.isInfinite(found) ? 0 : Math.abs(found - exact);
    assertTrue(error <= 0.501 * step, what + ": " + error / step + " units in the last place");
    assertTrue(Double.isFinite(found) || Math.abs(exact) > Float.MAX_VALUE, what);
  }

  /** Each with an exponent of its own, and both slopes, at special values too. */
  @Test
  void exponentsOfTheirOwn() {
    SplittableRandom random = new SplittableRandom(7);
    for (int round = 0; round < 400; round++) {
      float[] x = new float[64];
      float[] a = new float[64];
      for (int i = 0; i < x.length; i++) {
        x[i] = round % 2 == 0 ? any(random) : (float) random.nextDouble(0.5, 2);
        a[i] = round % 3 == 0 ? any(random) : random.nextInt(-9, 9) / 2f;
      }
      float[] y = x.clone();
      float[] byBase = new float[64];
      float[] byExponent = new float[64];
      Arrays.fill(byBase, 1);
      Arrays.fill(byExponent, 1);
      RealPowers.apply(y, a, 64);
      RealPowers.baseGradient(byBase, x, a, 64);
      RealPowers.exponentGradient(byExponent, x, a, 64);
      for (int i = 0; i < x.length; i++) {
        String what = x[i] + " to the power of " + a[i];
        check(what, Math.pow(x[i], a[i]), y[i]);
        check(what, a[i] == 0 ? 0 : a[i] * Math.pow(x[i], a[i] - 1.0), byBase[i]);
        boolean flat = x[i] == 0 && a[i] >= 0;
        check(what, flat ? 0 : Math.pow(x[i], a[i]) * Math.log(x[i]), byExponent[i]);
      }
    }
  }

  private static float any(SplittableRandom random) {
    return random.nextInt(3) == 0
        ? SPECIAL[random.nextInt(SPECIAL.length)]
        : Float.intBitsToFloat(random.nextInt());
  }

  /** The slope is not rounded before it meets dy: it may be beyond FP32's range. */
  @Test
  void gradientsAreFiniteWhereTheirFactorsAreNot() {
    float[] dy = new float[64];
    float[] x = new float[64];
    Arrays.fill(dy, 1e-30f);
    Arrays.fill(x, 1e20f);
    Activations.gradient(Unary.of(Unary.Function.POW, 3.5f), dy, x, 64, new float[64]);
    assertEquals(3.5e-30 * 1e50, dy[5], 1e15);
  }
}
