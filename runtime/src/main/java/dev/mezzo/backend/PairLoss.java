package dev.mezzo.backend;

/**
 * A loss of each element of x and its target, in FP64: backends share the formulas, and sum them.
 * The conformance suite has its own, and differences for the slopes.
 *
 * @param function which
 * @param a its first number, as the function says; 0 where it has none
 * @param b its second number
 */
public record PairLoss(Function function, float a, float b) {

  /** Logarithms are cut off there, as in PyTorch, so that a certain error is not infinite. */
  private static final double LEAST_LOG = -100;

  /** The losses, and what a and b are. */
  public enum Function {
    /** log(1 + eˣ) − x·t, x a logit. */
    LOGISTIC,
    /** −t·log x − (1 − t)·log(1 − x), x a probability, the logarithms at least −100. */
    BINARY_CROSS_ENTROPY,
    /** {@code |x − t| < a ? (x − t)²/2a : |x − t| − a/2}. */
    SMOOTH_L1,
    /**
     * LOGISTIC times (1 − p)ᵇ, p the probability of the right answer, times a for t = 1, 1 − a for
     * 0.
     */
    FOCAL,
    /** t·(log t − x), 0 for t = 0. */
    KL
  }

  /** The loss. */
  public double value(double x, double t) {
    return switch (function) {
      case LOGISTIC -> softplus(x) - x * t;
      case BINARY_CROSS_ENTROPY -> -t * log(x) - (1 - t) * log(1 - x);
      case SMOOTH_L1 -> {
        double distance = Math.abs(x - t);
        double least = Math.min(distance, a); // a branch would often be mispredicted
        yield a == 0 ? distance : least * (distance - least / 2) / a;
      }
      case FOCAL -> weight(t) * Math.pow(wrong(x, t), b) * (softplus(x) - x * t);
      case KL -> t == 0 ? 0 : t * (Math.log(t) - x);
    };
  }

  /** Its derivative by x. */
  public double slope(double x, double t) {
    return switch (function) {
      case LOGISTIC -> sigmoid(x) - t;
      case BINARY_CROSS_ENTROPY -> (x - t) / Math.max(x * (1 - x), 1e-12);
      case SMOOTH_L1 -> Math.abs(x - t) < a ? (x - t) / a : Math.signum(x - t);
      case FOCAL -> {
        double wrong = wrong(x, t);
        double turn = (2 * t - 1) * sigmoid(x) * sigmoid(-x);
        double power = b == 0 ? 0 : b * Math.pow(wrong, b - 1) * turn * (softplus(x) - x * t);
        yield weight(t) * ((sigmoid(x) - t) * Math.pow(wrong, b) - power);
      }
      case KL -> -t;
    };
  }

  /** Its derivative by the target; focal loss has none. */
  public double targetSlope(double x, double t) {
    return switch (function) {
      case LOGISTIC -> -x;
      case BINARY_CROSS_ENTROPY -> log(1 - x) - log(x);
      case SMOOTH_L1 -> -slope(x, t);
      case FOCAL -> throw new IllegalStateException("the target of focal loss has no gradient");
      case KL -> Math.log(t) + 1 - x;
    };
  }

  private double weight(double t) {
    return a * t + (1 - a) * (1 - t);
  }

  /** The probability of the wrong answer. */
  private static double wrong(double x, double t) {
    return t * sigmoid(-x) + (1 - t) * sigmoid(x);
  }

  private static double log(double x) {
    return Math.max(Math.log(x), LEAST_LOG);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
