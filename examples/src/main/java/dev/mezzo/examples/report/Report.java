package dev.mezzo.examples.report;

import dev.mezzo.HalfFormat;
import dev.mezzo.examples.training.RunResult;
import java.util.List;

/** Runs of the same setup in different forms, in the order in which they are shown. */
public record Report(Setup setup, List<RunResult> runs) {

  private static final int USUAL = 16;

  /** Copies the list. */
  public Report {
    runs = List.copyOf(runs);
  }

  /**
   * The exponent of the loss scale that the first run in a 16-bit format with scaling ended with:
   * the scale at which to judge the FP32 run's gradients. 16 where there is no such run.
   */
  int scaleExponent() {
    return runs.stream()
        .filter(run -> run.form().half() != HalfFormat.NONE && run.finalScale() > 1)
        .mapToInt(run -> Math.getExponent(run.finalScale()))
        .findFirst()
        .orElse(USUAL);
  }
}
