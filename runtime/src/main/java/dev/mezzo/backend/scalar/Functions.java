package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Unary;

/** The functions of one operand and their derivatives, in double. */
final class Functions {

  private static final double SQRT_2_BY_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  /** Beyond it the tanh form of gelu is x or 0 in any float type. */
  private static final double GELU_END = 20;

  private Functions() {}

  static double value(Unary unary, double x) {
    return switch (unary.function()) {
      case RELU -> Math.max(x, 0);
      case LEAKY_RELU -> x > 0 ? x : unary.a() * x;
      case ELU -> x > 0 ? x : unary.a() * Math.expm1(x);
      case GELU -> x * NormalDistribution.cumulative(x);
      case GELU_TANH -> x * sigmoid(2 * SQRT_2_BY_PI * (x + CUBIC * x * x * x));
      case SILU -> x * sigmoid(x);
      case SOFTPLUS -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case CLAMP, HARD_TANH -> Math.min(Math.max(x, unary.a()), unary.b());
      case HARD_SIGMOID -> Math.min(Math.max(x + 3, 0), 6) / 6;
      case HARD_SWISH -> x * (Math.min(Math.max(x + 3, 0), 6) / 6);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case POW -> Math.pow(x, unary.a());
      case SQUARE -> x * x;
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case ABS -> Math.abs(x);
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
    };
  }

  /** dx, from dy and what {@link Unary#gradientReadsOutput} says: the result y or the operand x. */
  static double gradient(Unary unary, double dy, double saved) {
    return switch (unary.function()) {
      case RELU -> saved > 0 ? dy : 0;
      case LEAKY_RELU -> saved > 0 ? dy : unary.a() * dy;
      case ELU -> saved > 0 ? dy : dy * (saved + unary.a());
      case CLAMP -> saved >= unary.a() && saved <= unary.b() ? dy : 0;
      case HARD_TANH -> saved <= unary.a() || saved >= unary.b() ? 0 : dy;
      case HARD_SIGMOID -> saved <= -3 || saved >= 3 ? 0 : dy / 6;
      case HARD_SWISH -> saved <= -3 ? 0 : saved >= 3 ? dy : dy * (saved / 3 + 0.5);
      default -> dy * slope(unary, saved);
      case LOG -> dy / saved;
      case SQRT -> dy / (2 * saved);
    };
  }

  private static double slope(Unary unary, double saved) {
    return switch (unary.function()) {
      case GELU -> NormalDistribution.cumulative(saved) + saved * NormalDistribution.density(saved);
      case GELU_TANH -> geluTanhSlope(saved);
      case SILU -> sigmoid(saved) * (1 + saved * sigmoid(-saved));
      case SOFTPLUS -> sigmoid(saved);
      case SIGMOID -> saved * (1 - saved);
      case TANH -> 1 - saved * saved;
      case EXP -> saved;
      case POW -> unary.a() == 0 ? 0 : unary.a() * Math.pow(saved, unary.a() - 1.0);
      case SQUARE -> 2 * saved;
      case RSQRT -> -0.5 * saved * saved * saved;
      case RECIPROCAL -> -saved * saved;
      case ABS -> Math.signum(saved);
      case SIN -> Math.cos(saved);
      case COS -> -Math.sin(saved);
      default -> throw new IllegalStateException(unary + "");
    };
  }

  private static double geluTanhSlope(double x) {
    if (Math.abs(x) > GELU_END) {
      return x > 0 ? 1 : 0;
    }
    double w = 2 * SQRT_2_BY_PI * (x + CUBIC * x * x * x);
    double dw = 2 * SQRT_2_BY_PI * (1 + 3 * CUBIC * x * x);
    return sigmoid(w) * (1 + x * sigmoid(-w) * dw);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
