package dev.mezzo.backend.scalar;

/** The standard normal distribution, to about 14 digits (relative, in the lower tail too). */
final class NormalDistribution {

  private static final double ROOT_TWO_PI = Math.sqrt(2 * Math.PI);

  /** Where the series gives way to the continued fraction. */
  private static final double TAIL = 3;

  private NormalDistribution() {}

  /** φ(x) = e^(−x²/2) / √(2π). */
  static double density(double x) {
    return Math.exp(-x * x / 2) / ROOT_TWO_PI;
  }

  /** Φ(x), the integral of φ from −∞. */
  static double cumulative(double x) {
    if (Double.isNaN(x)) {
      return x;
    }
    if (x < -TAIL) {
      return upperTail(-x);
    }
    return x > TAIL ? 1 - upperTail(x) : 0.5 + series(x);
  }

  /** ∫₀ˣ φ = φ(x)·(x + x³/3 + x⁵/(3·5) + …): all terms have one sign. */
  private static double series(double x) {
    double term = x;
    double sum = x;
    for (int divisor = 3; Math.abs(term) > 1e-17 * Math.abs(sum); divisor += 2) {
      term *= x * x / divisor;
      sum += term;
    }
    return density(x) * sum;
  }

  /**
   * 1 − Φ(x) for x &gt; 3 = φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))), by Laplace, from a depth that
   * suffices there.
   */
  private static double upperTail(double x) {
    double fraction = x;
    for (int depth = 100; depth > 0; depth--) {
      fraction = x + depth / fraction;
    }
    return density(x) / fraction;
  }
}
