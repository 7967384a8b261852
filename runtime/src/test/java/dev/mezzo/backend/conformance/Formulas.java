package dev.mezzo.backend.conformance;

import dev.mezzo.backend.Unary;
import java.util.ArrayList;
import java.util.List;

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

  /** Each function, some with several numbers. */
  static final List<Unary> UNARIES = unaries();

  private static List<Unary> unaries() {
    List<Unary> all = new ArrayList<>();
    for (Unary.Function f : Unary.Function.values()) {
      switch (f) {
        case LEAKY_RELU -> List.of(0.01f, 0f, 1.5f).forEach(a -> all.add(Unary.of(f, a)));
        case ELU -> List.of(1f, 0.3f, 0f).forEach(a -> all.add(Unary.of(f, a)));
        case POW ->
            List.of(2f, 3f, 4f, 7f, -1f, -3f, 0.5f, 1.7f, -2.5f, 0f, 1f)
                .forEach(a -> all.add(Unary.of(f, a)));
        case CLAMP, HARD_TANH -> {
          all.add(new Unary(f, -1, 1));
          all.add(new Unary(f, 0.25f, Float.POSITIVE_INFINITY));
        }
        default -> all.add(Unary.of(f));
      }
    }
    return all;
  }

  static double value(Unary f, double x) {
    return switch (f.function()) {
      case RELU -> Double.isNaN(x) ? x : x > 0 ? x : 0;
      case LEAKY_RELU -> x > 0 ? x : f.a() * x;
      case ELU -> x > 0 ? x : f.a() * Math.expm1(x);
      case GELU -> x * cumulative(x);
      case GELU_TANH -> x * logistic(geluArgument(x));
      case SILU -> x * logistic(x);
      case SOFTPLUS -> x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
      case SIGMOID -> logistic(x);
      case TANH -> Math.tanh(x);
      case CLAMP, HARD_TANH -> x < f.a() ? f.a() : x > f.b() ? f.b() : x;
      case HARD_SIGMOID -> x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6;
      case HARD_SWISH -> x * (x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case POW -> Math.pow(x, f.a());
      case SQUARE -> x * x;
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case ABS -> Math.abs(x);
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
    };
  }

  /** Bound on |FP32 result − value|. */
  static double error(Unary f, double x) {
    double value = Math.abs(value(f, x));
    return switch (f.function()) {
      case RELU, CLAMP, HARD_TANH, ABS -> 0;
      case LEAKY_RELU, SQUARE, SQRT, RECIPROCAL -> rounded(value);
      case RSQRT, HARD_SIGMOID, HARD_SWISH, POW -> 4 * U * value + TINY;
      case GELU -> 8 * U * Math.abs(x) + TINY;
      case GELU_TANH -> 16 * U * Math.abs(x) + TINY;
      case SILU -> 8 * U * value + 128 * TINY; // σ may be subnormal where x is -100
      case SIN, COS -> 8 * U * value + 0x1p-46 * Math.min(Math.abs(x), 8192);
      case ELU, SOFTPLUS, SIGMOID, TANH, EXP, LOG -> 8 * U * value + TINY;
    };
  }

  static double gradient(Unary f, double dy, double saved) {
    return switch (f.function()) {
      case RELU -> saved > 0 ? dy : 0;
      case LEAKY_RELU -> saved > 0 ? dy : f.a() * dy;
      case ELU -> saved > 0 ? dy : dy * (saved + f.a());
      case GELU -> dy * (cumulative(saved) + saved * density(saved));
      case GELU_TANH -> dy * geluTanhSlope(saved);
      case SILU -> dy * (logistic(saved) * (1 + saved * logistic(-saved)));
      case SOFTPLUS -> dy * logistic(saved);
      case SIGMOID -> dy * saved * (1 - saved);
      case TANH -> dy * (1 - saved * saved);
      case CLAMP -> saved >= f.a() && saved <= f.b() ? dy : 0;
      case HARD_TANH -> saved <= f.a() || saved >= f.b() ? 0 : dy;
      case HARD_SIGMOID -> saved <= -3 || saved >= 3 ? 0 : dy / 6;
      case HARD_SWISH -> saved <= -3 ? 0 : saved >= 3 ? dy : dy * (saved / 3 + 0.5);
      case EXP -> dy * saved;
      case LOG -> dy / saved;
      case POW -> dy * (f.a() == 0 ? 0 : f.a() * Math.pow(saved, f.a() - 1.0));
      case SQUARE -> dy * 2 * saved;
      case SQRT -> dy / (2 * saved);
      case RSQRT -> dy * (-0.5 * saved * saved * saved);
      case RECIPROCAL -> dy * (-saved * saved);
      case ABS -> dy * Math.signum(saved);
      case SIN -> dy * Math.cos(saved);
      case COS -> -dy * Math.sin(saved);
    };
  }

  /** Bound on |FP32 result − gradient|. */
  static double gradientError(Unary f, double dy, double saved) {
    double value = Math.abs(gradient(f, dy, saved));
    return switch (f.function()) {
      case RELU, CLAMP, HARD_TANH, ABS -> 0;
      case LEAKY_RELU, SQUARE -> rounded(value) + TINY;
      case GELU -> 16 * U * Math.abs(dy) * (1 + Math.abs(saved) * density(saved)) + TINY;
      // The slope's terms cancel near its zeros, none is above 1.2; TINY twice in the products.
      case GELU_TANH, SILU -> 32 * U * Math.abs(dy) * 1.2 + 4 * TINY * (1 + Math.abs(dy));
      case SOFTPLUS -> 8 * U * value + TINY * (1 + Math.abs(dy));
      case SIGMOID -> 4 * U * value + 2 * TINY;
      case TANH -> 4 * U * Math.abs(dy) * (1 + saved * saved) + TINY;
      case ELU -> 2 * U * (Math.abs(dy * saved) + Math.abs(dy * f.a())) + TINY;
      case HARD_SIGMOID, HARD_SWISH -> 4 * U * Math.abs(dy) * (1 + Math.abs(saved) / 3) + TINY;
      case POW, RSQRT, RECIPROCAL -> 8 * U * value + TINY * (1 + Math.abs(dy));
      case SIN, COS -> Math.abs(dy) * (10 * U * Math.abs(value / dy) + sinError(saved)) + TINY;
      case EXP, LOG, SQRT -> 2 * U * value + TINY;
    };
  }

  private static double sinError(double x) {
    return 0x1p-46 * Math.min(Math.abs(x), 8192);
  }

  private static double logistic(double x) {
    return x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
  }

  private static double geluArgument(double x) {
    return Math.sqrt(8 / Math.PI) * (x + 0.044715 * x * x * x);
  }

  /** By its limits beyond ±20, where Inf·0 would not be a number. */
  private static double geluTanhSlope(double x) {
    if (Math.abs(x) > 20) {
      return x > 0 ? 1 : 0;
    }
    double slope = Math.sqrt(8 / Math.PI) * (1 + 3 * 0.044715 * x * x);
    double w = geluArgument(x);
    return logistic(w) + x * logistic(w) * logistic(-w) * slope;
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
