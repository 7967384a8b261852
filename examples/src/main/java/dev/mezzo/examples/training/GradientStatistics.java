package dev.mezzo.examples.training;

import dev.mezzo.ExponentHistogram;

/**
 * The weights' gradients and updates in the sampled steps, over all parameters. Skipped steps are
 * not sampled.
 *
 * @param exponents of the gradients divided by the loss scale
 * @param scaledExponents of the gradients as backward made them
 * @param steps number of steps sampled
 * @param updates weights with a gradient that is not zero, added up over the steps
 * @param lost those of them whose stored value (the FP32 master; the FP16 weight where there is
 *     none) is the same number after the step as before
 */
public record GradientStatistics(
    ExponentHistogram exponents,
    ExponentHistogram scaledExponents,
    int steps,
    long updates,
    long lost) {

  /** Exponent of FP16's smallest subnormal. */
  public static final int FP16_LEAST = -24;

  /** Nothing sampled. */
  public static GradientStatistics none() {
    return new GradientStatistics(ExponentHistogram.empty(), ExponentHistogram.empty(), 0, 0, 0);
  }

  /** Of both. */
  public GradientStatistics plus(GradientStatistics other) {
    return new GradientStatistics(
        exponents.plus(other.exponents),
        scaledExponents.plus(other.scaledExponents),
        steps + other.steps,
        updates + other.updates,
        lost + other.lost);
  }

  /** Share of all gradients that are not zero and below 2⁻²⁴ before scaling. */
  public double belowBeforeScaling() {
    return share(exponents.below(FP16_LEAST), exponents.total());
  }

  /**
   * Share of all gradients that are not zero and below 2⁻²⁴ as backward made them. FP16 holds no
   * such number: there it is 0 and {@link #zeros} is greater.
   */
  public double belowAfterScaling() {
    return share(scaledExponents.below(FP16_LEAST), scaledExponents.total());
  }

  /** What {@link #belowBeforeScaling} would be, had the loss been scaled by {@code 2^exponent}. */
  public double belowIfScaledBy(int exponent) {
    return share(exponents.below(FP16_LEAST - exponent), exponents.total());
  }

  /**
   * Share of all gradients that are zero: pixels that are black in the whole batch, and underflow.
   */
  public double zeros() {
    return share(exponents.zeros(), exponents.total());
  }

  /** Share of the updates that were lost. */
  public double lostShare() {
    return share(lost, updates);
  }

  private static double share(long part, long whole) {
    return whole == 0 ? Double.NaN : (double) part / whole;
  }
}
