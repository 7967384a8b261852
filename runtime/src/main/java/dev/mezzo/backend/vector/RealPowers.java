package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.DOUBLES;
import static dev.mezzo.backend.vector.Lanes.FEW_FLOATS;
import static jdk.incubator.vector.DoubleVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.D2L;
import static jdk.incubator.vector.VectorOperators.F2D;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.L2D;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import java.util.Arrays;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;

/**
 * Powers of FP32 numbers, as {@code 2^(a·log₂|x|)} in FP64 within 2⁻³⁰ of the result, rounded once;
 * of special values what {@link Math#pow} gives.
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
    double[] exponents = new double[n + LANES];
    Arrays.fill(exponents, a);
    double[] powers = new double[n + LANES];
    powers(x, at, n, exponents, powers);
    for (int i = 0; i < n; i++) {
      x[at + i] = (float) powers[i];
    }
  }

  /** x = xᵃ, element by element. */
  static void apply(float[] x, float[] a, int n) {
    double[] powers = new double[n + LANES];
    powers(x, 0, n, exponents(a, n, 0), powers);
    for (int i = 0; i < n; i++) {
      x[i] = (float) powers[i];
    }
  }

  /** dy = dy·a·xᵃ⁻¹. */
  static void baseGradient(float[] dy, float[] x, int n, double a) {
    double[] exponents = new double[n + LANES];
    Arrays.fill(exponents, a - 1);
    double[] powers = new double[n + LANES];
    powers(x, 0, n, exponents, powers);
    for (int i = 0; i < n; i++) {
      dy[i] = (float) (dy[i] * (a * powers[i]));
    }
  }

  /** dy = dy·a·xᵃ⁻¹, element by element; 0 where a is 0. */
  static void baseGradient(float[] dy, float[] x, float[] a, int n) {
    double[] powers = new double[n + LANES];
    powers(x, 0, n, exponents(a, n, -1), powers);
    for (int i = 0; i < n; i++) {
      float slope = (float) (dy[i] * (a[i] * powers[i]));
      dy[i] = a[i] == 0 ? 0 : slope;
    }
  }

  /** dy = dy·xᵃ·log x, element by element; 0 where x is 0 and a at least 0. */
  static void exponentGradient(float[] dy, float[] x, float[] a, int n) {
    double[] powers = new double[n + LANES];
    double[] logarithms = powers(x, 0, n, exponents(a, n, 0), powers);
    specialLogarithms(x, n, logarithms);
    for (int i = 0; i < n; i++) {
      float slope = (float) (dy[i] * (powers[i] * (LN_2 * logarithms[i])));
      dy[i] = x[i] == 0 && a[i] >= 0 ? 0 : slope;
    }
  }

  private static double[] exponents(float[] a, int n, double more) {
    double[] exponents = new double[n + LANES];
    for (int i = 0; i < n; i++) {
      exponents[i] = a[i] + more;
    }
    return exponents;
  }

  /** {@code to = x^a}; returns log₂|x| of what is neither 0, Inf nor NaN. */
  private static double[] powers(float[] x, int at, int n, double[] a, double[] to) {
    double[] logarithms = new double[n + LANES];
    logarithms(x, at, n, logarithms);
    exponentials(logarithms, a, n, to);
    if (!ordinary(x, at, n, a)) {
      special(x, at, n, a, to);
    }
    return logarithms;
  }

  /** y = log₂|x|. */
  private static void logarithms(float[] x, int at, int n, double[] y) {
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
      s.mul(2 / LN_2).fma(p, e).intoArray(y, i);
    }
  }

  /** {@code y = 2^(a·x)}; from 2^±1000 on, which FP32 does not reach, that, 0 or Inf. */
  private static void exponentials(double[] x, double[] a, int n, double[] y) {
    for (int i = 0; i < n; i += LANES) {
      DoubleVector v = DoubleVector.fromArray(DOUBLES, x, i);
      v = v.mul(DoubleVector.fromArray(DOUBLES, a, i));
      VectorMask<Double> none = v.compare(LT, -1075);
      VectorMask<Double> infinite = v.compare(GT, 1024);
      v = v.blend(1000, v.compare(GT, 1000)).blend(-1000, v.compare(LT, -1000));
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
      p = scale.add(p.reinterpretAsLongs()).reinterpretAsDoubles();
      p.blend(0, none).blend(Double.POSITIVE_INFINITY, infinite).intoArray(y, i);
    }
  }

  /** Whether all are positive and finite, and all exponents are finite. */
  private static boolean ordinary(float[] x, int at, int n, double[] a) {
    boolean ordinary = true;
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = fromArray(FEW_FLOATS, x, at + i);
      DoubleVector exponent = DoubleVector.fromArray(DOUBLES, a, i);
      ordinary &=
          v.compare(GT, 0)
              .and(v.compare(LT, Float.POSITIVE_INFINITY))
              .and(exponent.sub(exponent).eq(0).cast(FEW_FLOATS))
              .allTrue();
    }
    return ordinary;
  }

  /** Signs, and what 0, Inf, NaN and negative numbers give, and the exponents 0 and NaN. */
  private static void special(float[] x, int at, int n, double[] a, double[] y) {
    double inf = Double.POSITIVE_INFINITY;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector v =
          (DoubleVector) fromArray(FEW_FLOATS, x, at + i).convertShape(F2D, DOUBLES, 0);
      DoubleVector exponent = DoubleVector.fromArray(DOUBLES, a, i);
      VectorMask<Double> even = exponent.abs().compare(GE, 0x1p53);
      LongVector truncated = (LongVector) exponent.convert(D2L, 0);
      VectorMask<Double> whole = truncated.convert(L2D, 0).eq(exponent).or(even);
      even = even.or(truncated.and(1).eq(0).cast(DOUBLES));
      VectorMask<Double> up = exponent.compare(GT, 0);
      DoubleVector size = v.abs();
      DoubleVector p = DoubleVector.fromArray(DOUBLES, y, i);
      DoubleVector ofZero = broadcast(DOUBLES, inf).blend(0, up);
      DoubleVector ofInf = broadcast(DOUBLES, 0).blend(inf, up);
      p = p.blend(ofZero, size.eq(0)).blend(ofInf, size.eq(inf));
      LongVector sign = v.reinterpretAsLongs().and(Long.MIN_VALUE);
      DoubleVector signed = p.reinterpretAsLongs().or(sign).reinterpretAsDoubles();
      p = p.blend(signed, whole.andNot(even));
      p = p.blend(Double.NaN, v.lt(0).andNot(whole).and(size.lt(inf)));
      p = p.blend(v, v.eq(v).not()).blend(exponent, exponent.eq(exponent).not());
      p.blend(1, exponent.eq(0)).intoArray(y, i);
    }
  }

  /** y = log₂ x, where y is log₂|x| of what is neither 0, Inf nor NaN. */
  private static void specialLogarithms(float[] x, int n, double[] y) {
    double inf = Double.POSITIVE_INFINITY;
    for (int i = 0; i < n; i += LANES) {
      DoubleVector v = (DoubleVector) fromArray(FEW_FLOATS, x, i).convertShape(F2D, DOUBLES, 0);
      DoubleVector log = DoubleVector.fromArray(DOUBLES, y, i);
      log = log.blend(-inf, v.eq(0)).blend(Double.NaN, v.lt(0));
      log.blend(v, v.lt(inf).not()).intoArray(y, i); // Inf and NaN
    }
  }
}
