package dev.mezzo.optim;

/**
 * The learning rate as a function of the steps applied so far. Skipped steps do not count: a step
 * that overflowed is made again at the same rate.
 *
 * <p>A schedule must be a pure function: it is evaluated ahead of the steps, so that a step never
 * waits for the host. Computed in FP64, rounded once to FP32.
 */
@FunctionalInterface
public interface Schedule {

  /**
   * The learning rate of a step.
   *
   * @param applied steps applied before this one; 0 for the first
   * @return a rate that is finite and not negative
   */
  float rate(long applied);

  /** The same rate throughout. */
  static Schedule constant(float rate) {
    Rates.requireRate("rate", rate);
    return applied -> rate;
  }

  /**
   * {@code rate · factor^⌊applied / every⌋}: the rate falls by a factor after every so many steps.
   *
   * @param factor in (0, 1]
   * @param every steps between two falls, at least 1
   */
  static Schedule step(float rate, float factor, long every) {
    Rates.requireRate("rate", rate);
    Rates.require(factor > 0 && factor <= 1, "factor must be in (0, 1]", factor);
    Rates.require(every >= 1, "every must be at least 1", every);
    return applied -> {
      long falls = applied / every;
      return (float) (rate * Math.pow(factor, (double) falls));
    };
  }

  /**
   * Half a cosine from {@code rate} at the first step down to {@code last} after {@code steps}
   * steps, and {@code last} from then on: {@code last + (rate − last)·(1 +
   * cos(π·applied/steps))/2}.
   *
   * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov and Hutter, SGDR, equation 5</a>
   */
  static Schedule cosine(float rate, float last, long steps) {
    Rates.requireRate("rate", rate);
    Rates.requireRate("last", last);
    Rates.require(steps >= 1, "steps must be at least 1", steps);
    return applied -> {
      double phase = Math.PI * Math.min(applied, steps) / steps;
      return (float) (last + ((double) rate - last) * (1 + Math.cos(phase)) / 2);
    };
  }

  /**
   * Rises in a straight line over {@code steps} steps, {@code (applied + 1) / steps} of the rate
   * that {@code then} begins with, and goes on with {@code then} from its beginning.
   */
  static Schedule warmUp(long steps, Schedule then) {
    Rates.require(steps >= 1, "steps must be at least 1", steps);
    return applied ->
        applied < steps
            ? (float) (then.rate(0) * (applied + 1.0) / steps)
            : then.rate(applied - steps);
  }
}
