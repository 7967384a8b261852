package dev.mezzo.examples.report;

import dev.mezzo.examples.training.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** A report's curves: the loss over the steps, the test accuracy over the epochs. */
final class Curves {

  private static final int POINTS = 150;
  private static final List<Double> LOSS_TICKS =
      List.of(
          0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 2.5, 4.0, 6.0, 10.0, 20.0,
          50.0);

  private Curves() {}

  static String loss(Report report) {
    List<LineChart.Series> series = new ArrayList<>();
    for (int i = 0; i < report.runs().size(); i++) {
      RunResult run = report.runs().get(i);
      series.add(smoothed("form" + i, run));
    }
    double least = extreme(series, false);
    double greatest = extreme(series, true);
    List<Double> ticks = between(LOSS_TICKS, least, Math.max(greatest, 2 * least));
    return new LineChart(
            "Training loss" + (window(report) > 1 ? ", mean of " + window(report) + " steps" : ""),
            "step",
            true,
            ticks,
            "%.2g",
            series)
        .toSvg();
  }

  /** Each form's loss less that of the first. */
  static String difference(Report report) {
    LineChart.Series base = smoothed("form0", report.runs().getFirst());
    List<LineChart.Series> series = new ArrayList<>();
    for (int i = 0; i < report.runs().size(); i++) {
      LineChart.Series curve = smoothed("form" + i, report.runs().get(i));
      List<Double> differences = new ArrayList<>();
      for (int point = 0; point < Math.min(curve.ys().size(), base.ys().size()); point++) {
        differences.add(curve.ys().get(point) - base.ys().get(point));
      }
      List<Double> xs = curve.xs().subList(0, differences.size());
      series.add(new LineChart.Series("form" + i, curve.name(), xs, differences, false));
    }
    double reach = Math.max(extreme(series, true), -extreme(series, false));
    double step = Math.max(1e-3, Math.pow(10, Math.ceil(Math.log10(Math.max(reach, 1e-9)))) / 2);
    double half = reach <= step / 2.5 ? step / 2.5 : reach <= step ? step : 2 * step;
    List<Double> ticks = List.of(-half, -half / 2, 0.0, half / 2, half);
    String title = "Training loss less FP32's";
    return new LineChart(title, "step", false, ticks, "%+.3f", series).toSvg();
  }

  static String accuracy(Report report) {
    List<LineChart.Series> series = new ArrayList<>();
    for (int i = 0; i < report.runs().size(); i++) {
      RunResult run = report.runs().get(i);
      List<Double> epochs = new ArrayList<>();
      List<Double> percents = new ArrayList<>();
      for (int epoch = 0; epoch < run.epochAccuracies().size(); epoch++) {
        epochs.add(epoch + 1.0);
        percents.add(100 * run.epochAccuracies().get(epoch));
      }
      series.add(new LineChart.Series("form" + i, run.form().name(), epochs, percents, true));
    }
    double least = extreme(series, false);
    double step = least < 60 ? 10 : least < 76 ? 5 : 2;
    double low = Math.floor(least / step) * step;
    double high = Math.ceil(Math.max(low + step, extreme(series, true)) / step) * step;
    List<Double> ticks =
        DoubleStream.iterate(low, tick -> tick <= high, tick -> tick + step).boxed().toList();
    return new LineChart("Test accuracy, percent", "epoch", false, ticks, "%.0f", series).toSvg();
  }

  private static int window(Report report) {
    int steps = report.runs().stream().mapToInt(run -> run.losses().size()).max().orElse(1);
    return Math.max(1, steps / POINTS);
  }

  private static LineChart.Series smoothed(String css, RunResult run) {
    int window = Math.max(1, run.losses().size() / POINTS);
    List<Double> steps = new ArrayList<>();
    List<Double> means = new ArrayList<>();
    for (int from = 0; from + window <= run.losses().size(); from += window) {
      double sum = 0;
      for (float loss : run.losses().subList(from, from + window)) {
        sum += loss;
      }
      steps.add(from + window / 2.0);
      means.add(sum / window);
    }
    return new LineChart.Series(css, run.form().name(), steps, means, false);
  }

  private static double extreme(List<LineChart.Series> series, boolean greatest) {
    DoubleStream values =
        series.stream()
            .flatMap(curve -> curve.ys().stream())
            .mapToDouble(Double::doubleValue)
            .filter(Double::isFinite);
    return (greatest ? values.max() : values.min()).orElse(1);
  }

  /** The ticks from the last one below {@code least} to the first one above {@code greatest}. */
  private static List<Double> between(List<Double> ticks, double least, double greatest) {
    int from = 0;
    while (from + 2 < ticks.size() && ticks.get(from + 1) <= least) {
      from++;
    }
    int to = from + 1;
    while (to + 1 < ticks.size() && ticks.get(to) < greatest) {
      to++;
    }
    return ticks.subList(from, to + 1);
  }
}
