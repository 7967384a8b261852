package dev.mezzo.optim;

/** The rules that the settings of schedules and optimizers keep. */
final class Rates {

  private Rates() {}

  static void requireRate(String name, float rate) {
    require(rate >= 0 && Float.isFinite(rate), name + " must be finite and not negative", rate);
  }

  static void requireDecay(String name, float decay) {
    require(decay >= 0 && decay < 1, name + " must be in [0, 1)", decay);
  }

  static void require(boolean holds, String rule, Number found) {
    if (!holds) {
      throw new IllegalArgumentException(rule + ", but is " + found);
    }
  }
}
