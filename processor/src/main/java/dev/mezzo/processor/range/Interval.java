package dev.mezzo.processor.range;

import java.util.stream.DoubleStream;

/**
 * The numbers from {@code least} to {@code greatest}, both included, and perhaps infinite; never
 * NaN.
 */
public record Interval(double least, double greatest) {
  /** Nothing is known. */
  public static final Interval ANY =
      new Interval(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);

  /** One number. */
  public static Interval of(double value) {
    return new Interval(value, value);
  }

  /** The least interval that holds the given numbers; a NaN among them counts as 0. */
  static Interval around(double... values) {
    double[] numbers = DoubleStream.of(values).map(v -> Double.isNaN(v) ? 0 : v).toArray();
    return new Interval(
        DoubleStream.of(numbers).min().orElse(0), DoubleStream.of(numbers).max().orElse(0));
  }

  /** The greatest magnitude. */
  public double magnitude() {
    return Math.max(Math.abs(least), Math.abs(greatest));
  }

  /** Whether all numbers are known to be at least 0. */
  public boolean isNotNegative() {
    return least >= 0;
  }

  Interval plus(Interval other) {
    return new Interval(least + other.least, greatest + other.greatest);
  }

  Interval negated() {
    return new Interval(-greatest, -least);
  }

  /** Of 0·∞, which is NaN, the bound is 0: the infinite one is never reached. */
  Interval times(Interval other) {
    return around(
        least * other.least,
        least * other.greatest,
        greatest * other.least,
        greatest * other.greatest);
  }

  Interval reciprocal() {
    if (least > 0 || greatest < 0) {
      return around(1 / least, 1 / greatest);
    }
    return least == 0
        ? new Interval(
            greatest == 0 ? Double.POSITIVE_INFINITY : 1 / greatest, Double.POSITIVE_INFINITY)
        : ANY;
  }

  /** A power with a constant exponent; of negative numbers only whole ones are defined. */
  Interval power(double exponent) {
    boolean even = exponent == Math.rint(exponent) && exponent % 2 == 0;
    if (even && exponent >= 0) {
      Interval size = absolute();
      return new Interval(Math.pow(size.least, exponent), Math.pow(size.greatest, exponent));
    }
    boolean odd = exponent == Math.rint(exponent) && exponent > 0;
    if (odd || (isNotNegative() && exponent >= 0)) {
      return around(Math.pow(least, exponent), Math.pow(greatest, exponent));
    }
    return exponent < 0 ? power(-exponent).reciprocal() : new Interval(0, Double.POSITIVE_INFINITY);
  }

  Interval absolute() {
    double nearest = least > 0 ? least : greatest < 0 ? -greatest : 0;
    return new Interval(nearest, magnitude());
  }

  Interval hull(Interval other) {
    return new Interval(Math.min(least, other.least), Math.max(greatest, other.greatest));
  }

  Interval least(Interval other) {
    return new Interval(Math.min(least, other.least), Math.min(greatest, other.greatest));
  }

  Interval greatest(Interval other) {
    return new Interval(Math.max(least, other.least), Math.max(greatest, other.greatest));
  }
}
