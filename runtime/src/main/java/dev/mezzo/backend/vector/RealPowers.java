package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.DOUBLES;
import static dev.mezzo.backend.vector.Lanes.FEW_FLOATS;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.LongVector;

/**
 * Powers of FP32 numbers with one finite exponent that is not 0, as {@code 2^(a·log₂|x|)} in FP64
 * within 2⁻³⁰ of the result, rounded once; IEEE 754's {@code pow} of special values.
 *
 * <p>The logarithm is the series of artanh, {@code log₂ m = 2/ln 2·Σ sᵏ/k} over odd k up to 13,
 * {@code s = (m − 1)/(m + 1)}, m in [√½, √2): what is left out is below 2⁻³⁹ of it, also near 1.
 * The power is Taylor's, up to the ninth: below 2⁻³⁷.
 */
final class RealPowers {

  /** Adding it rounds a small number to an integer, which is then in the low bits. */
  private static final double ROUND = 0x1.8p52;

  private static final long ROUND_BITS = 0x4338000000000000L;

  /** √½'s pattern. */
  private static final long ROOT = 0x3fe6a09e667f3bcdL;

  private static final double LN_2 = 0.6931471805599453;

  private static final int LANES = DOUBLES.length();

  private RealPowers() {}

  /** x = xᵃ. */
  static void apply(float[] x, int at, int n, double a) {
    double[] powers = powers(x, at, n, a);
    for (int i = 0; i < n; i++) {
      x[at + i] = (float) powers[i];
    }
  }

  /** dy = dy·factor·xᵃ. */
  static void times(float[] dy, float[] x, int n, double a, double factor) {
    double[] powers = powers(x, 0, n, a);
    for (int i = 0; i < n; i++) {
      dy[i] = (float) (dy[i] * (factor * powers[i]));
    }
  }

  private static double[] powers(float[] x, int at, int n, double a) {
    double[] y = new double[n + LANES];
    logarithms(x, at, n, a, y);
    exponentials(y, n);
    special(x, at, n, a, y);
    return y;
  }

  /** y = a·log₂|x|. */
  private static void logarithms(float[] x, int at, int n, double a, double[] y) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector v =
          (DoubleVector) fromArray(FEW_FLOATS, x, at + i).convertShape(F2D, DOUBLES, 0);
      LongVector bits = v.abs().reinterpretAsLongs();
      LongVector exponent = bits.sub(ROOT).lanewise(ASHR, 52);
      DoubleVector m = bits.sub(exponent.lanewise(LSHL, 52)).reinterpretAsDoubles();
      DoubleVector e = exponent.add(ROUND_BITS).reinterpretAsDoubles().sub(ROUND);
      DoubleVector s = m.sub(1).div(m.add(1));
      DoubleVector z = s.mul(s);
      DoubleVector p = z.fma(broadcast(DOUBLES, 1.0 / 13), broadcast(DOUBLES, 1.0 / 11));
      p = p.fma(z, broadcast(DOUBLES, 1.0 / 9));
      p = p.fma(z, broadcast(DOUBLES, 1.0 / 7));
      p = p.fma(z, broadcast(DOUBLES, 1.0 / 5));
      p = p.fma(z, broadcast(DOUBLES, 1.0 / 3));
      p = p.fma(z, broadcast(DOUBLES, 1.0));
      s.mul(2 / LN_2).fma(p, e).mul(a).intoArray(y, i);
    }
  }

  /** {@code y = 2^y}; beyond 2^±400, which FP32 does not reach, that. */
  private static void exponentials(double[] y, int n) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector v = DoubleVector.fromArray(DOUBLES, y, i);
      v = v.blend(400, v.compare(GT, 400)).blend(-400, v.compare(LT, -400));
      DoubleVector shifted = v.add(ROUND);
      DoubleVector r = v.sub(shifted.sub(ROUND)).mul(LN_2);
      DoubleVector p = r.fma(broadcast(DOUBLES, 1.0 / 362880), broadcast(DOUBLES, 1.0 / 40320));
      p = p.fma(r, broadcast(DOUBLES, 1.0 / 5040));
      p = p.fma(r, broadcast(DOUBLES, 1.0 / 720));
      p = p.fma(r, broadcast(DOUBLES, 1.0 / 120));
      p = p.fma(r, broadcast(DOUBLES, 1.0 / 24));
      p = p.fma(r, broadcast(DOUBLES, 1.0 / 6));
      p = p.fma(r, broadcast(DOUBLES, 0.5));
      p = p.fma(r, broadcast(DOUBLES, 1.0));
      p = p.fma(r, broadcast(DOUBLES, 1.0));
      // ROUND's own bits are shifted out
      LongVector scale = shifted.reinterpretAsLongs().lanewise(LSHL, 52);
      scale.add(p.reinterpretAsLongs()).reinterpretAsDoubles().intoArray(y, i);
    }
  }

  /** Signs, and what 0, Inf, NaN and negative numbers give. */
  private static void special(float[] x, int at, int n, double a, double[] y) {
    double inf = Double.POSITIVE_INFINITY;
    boolean whole = a == Math.rint(a);
    long sign = whole && Math.abs(a % 2) == 1 ? Long.MIN_VALUE : 0;
    double lowest = whole ? -inf : 0; // less, but −Inf, has no power
    for (int i = 0; i < n; i += LANES) {
      DoubleVector v =
          (DoubleVector) fromArray(FEW_FLOATS, x, at + i).convertShape(F2D, DOUBLES, 0);
      DoubleVector size = v.abs();
      DoubleVector p = DoubleVector.fromArray(DOUBLES, y, i);
      p = p.blend(a > 0 ? 0 : inf, size.eq(0)).blend(a > 0 ? inf : 0, size.eq(inf));
      p = p.reinterpretAsLongs().or(v.reinterpretAsLongs().and(sign)).reinterpretAsDoubles();
      p = p.blend(Double.NaN, v.lt(lowest).and(size.lt(inf)));
      p.blend(v, v.eq(v).not()).intoArray(y, i);
    }
  }
}
