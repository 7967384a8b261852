package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Transcendental functions, lane by lane, in FP32, of elementary operations alone: the same bits on
 * every processor and at every width. Errors were measured over all floats of the stated range (see
 * {@code VectorMathTest}). NaN gives NaN.
 *
 * <p>None is long, and none calls another but at its start or end (see the package's rule on what
 * is inlined). {@link Activations} makes the longer ones of two loops.
 *
 * @see <a href="https://www.netlib.org/cephes/">Moshier, Cephes: the polynomials of exp, log and
 *     tanh</a>
 */
final class VectorMath {

  /** Adding it rounds a small number to an integer, which is then in the low bits. */
  private static final float ROUND = 0x1.8p23f;

  /** 1's pattern: with n added to its exponent, that of 2ⁿ. */
  private static final int ONE = 0x3f800000;

  private static final float LOG2_E = 1.442695f;

  /** ln 2 in two parts; the first has few bits, so that its multiples are exact. */
  private static final float LN2_HIGH = 355f / 512;

  private static final float LN2_LOW = -0.00021219444f;

  private VectorMath() {}

  /** eˣ, within 1.5 units in the last place; subnormal results are kept. */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.blend(89f, x.compare(GT, 89f)).blend(-105f, x.compare(LT, -105f));
    FloatVector shifted = bounded.fma(broadcast(FLOATS, LOG2_E), broadcast(FLOATS, ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(broadcast(FLOATS, -LN2_HIGH), bounded);
    r = n.fma(broadcast(FLOATS, -LN2_LOW), r);
    FloatVector p = r.fma(broadcast(FLOATS, 0.00019875691f), broadcast(FLOATS, 0.0013981999f));
    p = p.fma(r, broadcast(FLOATS, 0.008333452f));
    p = p.fma(r, broadcast(FLOATS, 0.041665796f));
    p = p.fma(r, broadcast(FLOATS, 0.16666666f));
    p = p.fma(r, broadcast(FLOATS, 0.5f));
    p = p.fma(r.mul(r), r).add(1f);
    // 2ⁿ as a product of two, neither of which over- or underflows. ROUND's own bits are shifted
    // out.
    IntVector bits = shifted.reinterpretAsInts();
    IntVector half = bits.lanewise(ASHR, 1);
    IntVector rest = bits.sub(half);
    p = p.mul(half.lanewise(LSHL, 23).add(ONE).reinterpretAsFloats());
    return p.mul(rest.lanewise(LSHL, 23).add(ONE).reinterpretAsFloats());
  }

  /** eˣ − 1 for |x| up to ½·ln 2, within 2 units in the last place. */
  static FloatVector smallExpMinus1(FloatVector x) {
    FloatVector p = x.fma(broadcast(FLOATS, 0.00019875691f), broadcast(FLOATS, 0.0013981999f));
    p = p.fma(x, broadcast(FLOATS, 0.008333452f));
    p = p.fma(x, broadcast(FLOATS, 0.041665796f));
    p = p.fma(x, broadcast(FLOATS, 0.16666666f));
    p = p.fma(x, broadcast(FLOATS, 0.5f));
    return p.fma(x.mul(x), x);
  }

  /**
   * eˣ of x up to about 0, within 1.5 units in the last place; below −87.6, where it is below
   * 2⁻¹²⁶, 0.
   */
  static FloatVector expOfNegative(FloatVector x) {
    FloatVector bounded = x.blend(-88f, x.compare(LT, -88f));
    FloatVector shifted = bounded.fma(broadcast(FLOATS, LOG2_E), broadcast(FLOATS, ROUND));
    FloatVector n = shifted.sub(ROUND);
    FloatVector r = n.fma(broadcast(FLOATS, -LN2_HIGH), bounded);
    r = n.fma(broadcast(FLOATS, -LN2_LOW), r);
    FloatVector p = r.fma(broadcast(FLOATS, 0.00019875691f), broadcast(FLOATS, 0.0013981999f));
    p = p.fma(r, broadcast(FLOATS, 0.008333452f));
    p = p.fma(r, broadcast(FLOATS, 0.041665796f));
    p = p.fma(r, broadcast(FLOATS, 0.16666666f));
    p = p.fma(r, broadcast(FLOATS, 0.5f));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector bits = shifted.reinterpretAsInts(); // ROUND's own are shifted out
    return p.mul(bits.lanewise(LSHL, 23).add(ONE).reinterpretAsFloats()); // 2⁻¹²⁷ is 0's pattern
  }

  /** The natural logarithm of a normal number, within 2 units in the last place. */
  static FloatVector logOfNormal(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    // The fraction in [√½, √2): 0x3f3504f3 is √½.
    IntVector exponent = bits.sub(0x3f3504f3).lanewise(ASHR, 23);
    FloatVector f = bits.sub(exponent.lanewise(LSHL, 23)).reinterpretAsFloats().sub(1f);
    FloatVector e = (FloatVector) exponent.convertShape(I2F, Lanes.FLOATS, 0);
    FloatVector z = f.mul(f);
    FloatVector p = f.fma(broadcast(FLOATS, 0.070376836f), broadcast(FLOATS, -0.1151461f));
    p = p.fma(f, broadcast(FLOATS, 0.116769984f));
    p = p.fma(f, broadcast(FLOATS, -0.12420141f));
    p = p.fma(f, broadcast(FLOATS, 0.14249323f));
    p = p.fma(f, broadcast(FLOATS, -0.16668057f));
    p = p.fma(f, broadcast(FLOATS, 0.20000714f));
    p = p.fma(f, broadcast(FLOATS, -0.24999994f));
    p = p.fma(f, broadcast(FLOATS, 0.3333333f));
    FloatVector low = f.mul(z).fma(p, e.mul(LN2_LOW));
    low = z.fma(broadcast(FLOATS, -0.5f), low);
    return e.fma(broadcast(FLOATS, LN2_HIGH), f.add(low));
  }

  /** tanh x, given {@code e = e^(2|x|)}, within 2.5 units in the last place. */
  static FloatVector tanh(FloatVector x, FloatVector e) {
    FloatVector large = broadcast(FLOATS, 2f).div(e.add(1f)).neg().add(1f);
    FloatVector z = x.mul(x);
    FloatVector p = z.fma(broadcast(FLOATS, -0.0057049887f), broadcast(FLOATS, 0.020639088f));
    p = p.fma(z, broadcast(FLOATS, -0.053739715f));
    p = p.fma(z, broadcast(FLOATS, 0.13331442f));
    p = p.fma(z, broadcast(FLOATS, -0.3333328f));
    FloatVector small = p.fma(z.mul(x), x);
    FloatVector signed = large.blend(large.neg(), x.lt(0f));
    return signed.blend(small, x.abs().lt(0.625f));
  }

  /** {@code e^(−x²/2)}: the square's rounding error is made good, which would grow with x. */
  static FloatVector gauss(FloatVector x) {
    FloatVector a = x.abs();
    a = a.blend(15f, a.compare(GT, 15f));
    FloatVector square = a.mul(a);
    FloatVector rest = a.fma(a, square.neg());
    FloatVector e = exp(square.mul(-0.5f));
    return e.fma(rest.mul(-0.5f), e);
  }

  /**
   * Φ(x), the normal distribution function, given {@code gauss = gauss(x)}: within 7 units in the
   * last place of the smaller of Φ(x) and Φ(−x), down to 2⁻¹²⁶. By {@code e^(x²/2)·Φ(−|x|)} as a
   * polynomial of 1/(1 + |x|/4).
   */
  static FloatVector normal(FloatVector x, FloatVector gauss) {
    FloatVector t =
        broadcast(FLOATS, 1f).div(x.abs().fma(broadcast(FLOATS, 0.25f), broadcast(FLOATS, 1f)));
    FloatVector p = t.fma(broadcast(FLOATS, 0.017177548f), broadcast(FLOATS, -0.06612115f));
    p = p.fma(t, broadcast(FLOATS, 0.059697613f));
    p = p.fma(t, broadcast(FLOATS, 0.017378846f));
    p = p.fma(t, broadcast(FLOATS, 0.022217881f));
    p = p.fma(t, broadcast(FLOATS, 0.08136496f));
    p = p.fma(t, broadcast(FLOATS, 0.07390353f));
    p = p.fma(t, broadcast(FLOATS, 0.09508942f));
    p = p.fma(t, broadcast(FLOATS, 0.099546365f));
    p = p.fma(t, broadcast(FLOATS, 0.09974499f));
    FloatVector tail = p.mul(t).mul(gauss);
    return tail.blend(tail.neg().add(1f), x.compare(GE, 0f));
  }
}
