package dev.mezzo.examples.report;

import dev.mezzo.HalfFormat;
import dev.mezzo.examples.training.RunResult;
import java.util.List;
import java.util.function.BiFunction;

/**
 * A row of the table.
 *
 * @param label a few words
 * @param definition what exactly is counted
 * @param value of a run of a report
 */
record Metric(String label, String definition, BiFunction<Report, RunResult, String> value) {

  /** What was not measured. */
  static final String UNKNOWN = "-";

  /** All rows, in order. */
  static final List<Metric> ALL =
      List.of(
          new Metric(
              "test accuracy",
              "share of the test images that the trained network, in its own precision, classifies"
                  + " rightly",
              (report, run) -> percent(run.accuracy())),
          new Metric(
              "final loss",
              "mean of the last ten steps' training losses",
              (report, run) -> number("%.4f", run, run.finalLoss())),
          new Metric(
              "step time",
              "median; forward, backward, update and reading the loss, without preparing the batch",
              (report, run) -> number("%.1f ms", run, 1e3 * run.medianSeconds())),
          new Metric(
              "weights",
              "what the optimizer updates, and the 16-bit shadows that forward and backward read",
              (report, run) -> weights(run)),
          new Metric(
              "gradients",
              "of all parameters, as backward makes them",
              (report, run) -> megabytes(run.memory().gradients())),
          new Metric(
              "optimizer state",
              "momentum",
              (report, run) -> megabytes(run.memory().optimizerState())),
          new Metric(
              "saved activations",
              "the most that a step holds between forward and backward, without weights and"
                  + " shadows",
              (report, run) -> megabytes(run.memory().savedActivations())),
          new Metric(
              "skipped steps",
              "steps with a gradient that was not finite",
              (report, run) -> Svg.format("%d of %d", run.skipped(), run.losses().size())),
          new Metric(
              "loss scale",
              "of the last step",
              (report, run) -> Svg.format("%.0f", run.finalScale())),
          new Metric(
              "gradients < 2⁻²⁴, unscaled",
              "share of all gradients that are not zero, but smaller than FP16's smallest number"
                  + " once the loss scale is divided out",
              (report, run) -> percent(run.statistics().belowBeforeScaling())),
          new Metric(
              "gradients < 2⁻²⁴, scaled",
              "the same with the loss scale; for FP32, with the mixed form's. FP16 holds no such"
                  + " number: there they have become zero",
              Metric::scaled),
          new Metric(
              "gradients = 0",
              "share of all gradients that are zero: pixels that are black in the whole batch,"
                  + " units that are off, and underflow",
              (report, run) -> percent(run.statistics().zeros())),
          new Metric(
              "updates lost",
              "of the weights whose gradient is not zero, the share whose stored value is the same"
                  + " number after the step as before; gradients that underflowed are not among"
                  + " them",
              (report, run) -> percent(run.statistics().lostShare())));

  /** The value for a run. */
  String of(Report report, RunResult run) {
    return value.apply(report, run);
  }

  /** Unknown where no step was made. */
  private static String number(String pattern, RunResult run, double number) {
    return run.losses().isEmpty() ? UNKNOWN : Svg.format(pattern, number);
  }

  private static String weights(RunResult run) {
    long shadows = run.memory().shadows();
    String weights = megabytes(run.memory().weights());
    return shadows == 0
        ? weights
        : Svg.format("%.2f + %.2f MB", run.memory().weights() / 1e6, shadows / 1e6);
  }

  private static String scaled(Report report, RunResult run) {
    return percent(
        run.form().half() == HalfFormat.NONE
            ? run.statistics().belowIfScaledBy(report.scaleExponent())
            : run.statistics().belowAfterScaling());
  }

  private static String percent(double share) {
    double percent = 100 * share;
    String pattern = percent == 0 || percent >= 0.1 ? "%.2f %%" : "%.4f %%";
    return Double.isNaN(share) ? UNKNOWN : Svg.format(pattern, percent);
  }

  private static String megabytes(long bytes) {
    return Svg.format("%.2f MB", bytes / 1e6);
  }
}
