package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.LE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Sine and cosine of FP32 arrays, within 2 units in the last place plus {@code 2⁻⁴⁶·|x|}: |x| up to
 * {@link #END} is reduced by multiples of π/2 in three parts, of which the first two are exact;
 * beyond, and for NaN and ±Inf, {@link Math} serves.
 *
 * @see <a href="https://www.netlib.org/cephes/">Moshier, Cephes: the polynomials</a>
 */
final class Trigonometry {

  /** Multiples of π/2 up to it have 13 bits. */
  private static final float END = 8192;

  private static final int LANES = Lanes.COUNT;
  private static final float ROUND = 0x1.8p23f;
  private static final float TWO_BY_PI = 0.63661975f;
  private static final float PART_1 = 1.5703125f;
  private static final float PART_2 = 0.0004837513f;
  private static final float PART_3 = 7.54979e-08f;

  private Trigonometry() {}

  /** x = sin x, or cos x if {@code quarters} is 1; {@code buffer} has room for n elements. */
  static void sine(float[] x, int at, int n, int quarters, float[] buffer) {
    System.arraycopy(x, at, buffer, 0, n);
    boolean all = true;
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(Lanes.FLOATS, buffer, i);
      all &= v.abs().compare(LE, END).allTrue();
      sine(v, quarters).intoArray(x, at + i);
    }
    if (!all) {
      beyond(x, at, n, quarters, buffer);
    }
  }

  private static void beyond(float[] x, int at, int n, int quarters, float[] from) {
    for (int i = 0; i < n; i++) {
      if (!(Math.abs(from[i]) <= END)) {
        x[at + i] = (float) (quarters == 0 ? Math.sin(from[i]) : Math.cos(from[i]));
      }
    }
  }

  /** sin(x + quarters·π/2). */
  private static FloatVector sine(FloatVector x, int quarters) {
    FloatVector shifted = x.fma(broadcast(FLOATS, TWO_BY_PI), broadcast(FLOATS, ROUND));
    FloatVector n = shifted.sub(ROUND);
    IntVector quadrant = shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUND) - quarters);
    FloatVector r = n.fma(broadcast(FLOATS, -PART_1), x);
    r = n.fma(broadcast(FLOATS, -PART_2), r);
    r = n.fma(broadcast(FLOATS, -PART_3), r);
    FloatVector z = r.mul(r);
    FloatVector sine = z.fma(broadcast(FLOATS, -1.9515296e-4f), broadcast(FLOATS, 8.332161e-3f));
    sine = sine.fma(z, broadcast(FLOATS, -1.6666655e-1f)).mul(z).fma(r, r);
    FloatVector cosine = z.fma(broadcast(FLOATS, 2.4433157e-5f), broadcast(FLOATS, -1.3887316e-3f));
    cosine = cosine.fma(z, broadcast(FLOATS, 4.1666646e-2f)).mul(z).fma(z, z.mul(-0.5f)).add(1f);
    VectorMask<Integer> odd = quadrant.and(1).eq(1);
    FloatVector value = sine.blend(cosine, odd.cast(Lanes.FLOATS));
    IntVector sign = quadrant.and(2).lanewise(LSHL, 30);
    return value.reinterpretAsInts().lanewise(XOR, sign).reinterpretAsFloats();
  }

  /** dy = dy·cos x. */
  static void sineGradient(float[] dy, float[] x, int n, float[] buffer) {
    sine(x, 0, n, 1, buffer);
    ElementWise.multiply(dy, x, n);
  }

  /** dy = −dy·sin x. */
  static void cosineGradient(float[] dy, float[] x, int n, float[] buffer) {
    sine(x, 0, n, 0, buffer);
    ElementWise.multiply(dy, x, n);
    ElementWise.scale(dy, -1, n);
  }
}
