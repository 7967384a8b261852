package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Unary;

/** The functions of one operand and their derivatives, in double. */
final class Functions {

  private Functions() {}

  static double value(Unary function, double x) {
    return switch (function) {
      case RELU -> Math.max(x, 0);
      case GELU -> x * NormalDistribution.cumulative(x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
      case TANH -> Math.tanh(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
    };
  }

  /** dx, from dy and what {@link Unary#gradientReadsOutput} says: the result y or the operand x. */
  static double gradient(Unary function, double dy, double saved) {
    return switch (function) {
      case RELU -> saved > 0 ? dy : 0;
      case GELU ->
          dy * (NormalDistribution.cumulative(saved) + saved * NormalDistribution.density(saved));
      case SIGMOID -> dy * saved * (1 - saved);
      case TANH -> dy * (1 - saved * saved);
      case EXP -> dy * saved;
      case LOG -> dy / saved;
    };
  }
}
