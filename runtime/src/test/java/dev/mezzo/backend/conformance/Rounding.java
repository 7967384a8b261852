package dev.mezzo.backend.conformance;

import dev.mezzo.types.DType;

/**
 * Rounding to the element types, from their definition: a number of fraction bits and a least
 * exponent.
 */
final class Rounding {

  private Rounding() {}

  /** The nearest value of {@code dtype}, ties to even; beyond the largest ±Inf. */
  static double nearest(double value, DType dtype) {
    if (value == 0 || !Double.isFinite(value)) {
      return value;
    }
    int exponent = Math.max(Math.getExponent(value), leastExponent(dtype));
    double ulp = Math.scalb(1.0, exponent - fractionBits(dtype));
    double rounded = Math.rint(value / ulp) * ulp;
    return Math.abs(rounded) > largest(dtype)
        ? Math.copySign(Double.POSITIVE_INFINITY, value)
        : rounded;
  }

  static double largest(DType dtype) {
    return switch (dtype) {
      case FP32 -> Float.MAX_VALUE;
      case FP16 -> 65504;
      case BF16 -> Math.scalb(2 - Math.scalb(1.0, -7), 127);
      case INT32 -> throw new IllegalArgumentException("INT32 is not rounded to");
    };
  }

  private static int fractionBits(DType dtype) {
    return switch (dtype) {
      case FP32 -> 23;
      case FP16 -> 10;
      case BF16 -> 7;
      case INT32 -> throw new IllegalArgumentException("INT32 has no fraction");
    };
  }

  private static int leastExponent(DType dtype) {
    return dtype == DType.FP16 ? -14 : -126;
  }
}
