package dev.mezzo.backend.conformance;

import dev.mezzo.backend.Unary;

/**
 * The functions of one operand and their derivatives in double, written independently of the
 * backends, and how far FP32 arithmetic may be from them before the rounding to the result's type.
 * docs/numerics.md says where the bounds come from.
 */
final class Formulas {

  /** Half of FP32's unit in the last place, relative. */
  static final double U = 0x1p-24;

  /** Half of FP32's least subnormal. */
  static final double TINY = 0x1p-150;

  private static final int SIMPSON_STEPS = 120;

  private Formulas() {}

  static double value(Unary f, double x) {
    return switch (f) {
      case RELU -> Double.isNaN(x) ? x : x > 0 ? x : 0;
      case GELU -> x * cumulative(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
    };
  }

  /** Bound on |FP32 result − value|. */
  static double error(Unary f, double x) {
    double value = Math.abs(value(f, x));
    return switch (f) {
      case RELU -> 0;
      case GELU -> 8 * U * Math.abs(x) + TINY;
      case SIGMOID, TANH, EXP, LOG -> 8 * U * value + TINY;
    };
  }

  static double gradient(Unary f, double dy, double saved) {
    return switch (f) {
      case RELU -> saved > 0 ? dy : 0;
      case GELU -> dy * (cumulative(saved) + saved * density(saved));
      case SIGMOID -> dy * saved * (1 - saved);
      case TANH -> dy * (1 - saved * saved);
      case EXP -> dy * saved;
      case LOG -> dy / saved;
    };
  }

  /** Bound on |FP32 result − gradient|. */
  static double gradientError(Unary f, double dy, double saved) {
    double value = Math.abs(gradient(f, dy, saved));
    return switch (f) {
      case RELU -> 0;
      case GELU -> 16 * U * Math.abs(dy) * (1 + Math.abs(saved) * density(saved)) + TINY;
      case SIGMOID -> 4 * U * value + 2 * TINY;
      case TANH -> 4 * U * Math.abs(dy) * (1 + saved * saved) + TINY;
      case EXP, LOG -> 2 * U * value + TINY;
    };
  }

  /** Bound on the error of one FP32 operation with this result. */
  static double rounded(double value) {
    return U * Math.abs(value) + TINY;
  }

  static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** Φ by Simpson's rule; good to about 1e-9, absolute. */
  static double cumulative(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    double end = Math.clamp(x, -10, 10);
    double h = end / SIMPSON_STEPS;
    double sum = density(0) + density(end);
    for (int i = 1; i < SIMPSON_STEPS; i++) {
      sum += density(i * h) * (i % 2 == 1 ? 4 : 2);
    }
    return x < -10 ? 0 : 0.5 + sum * h / 3;
  }
}
