package dev.mezzo.programs;

import java.util.SplittableRandom;

/**
 * Rounding errors as random numbers, by which FP64 tells how far results in another format may be
 * off (Parker, <i>Monte Carlo Arithmetic</i>, 1997).
 *
 * <p>Each element of each result is multiplied by 1 + δ, with δ uniform in ±{@code unit}. The
 * derivative of a program with the same errors everywhere has the factor 1 + δ at each operation,
 * too: that is how backward rounds.
 *
 * @param seed of the errors; the same program makes the same ones again
 */
record Noise(double unit, long seed) {
  static final Noise NONE = new Noise(0, 0);

  /** The errors of one run. */
  final class Run {
    private final SplittableRandom random = new SplittableRandom(seed);

    private Run() {}

    Matrix on(Matrix exact) {
      return unit == 0 ? exact : exact.map(v -> v * (1 + unit * random.nextDouble(-1, 1)));
    }
  }

  Run run() {
    return new Run();
  }
}
