package dev.mezzo.examples.report;

import dev.mezzo.ExponentHistogram;
import dev.mezzo.LayerStatistics;
import dev.mezzo.StepStatistics;
import dev.mezzo.Underflow;
import dev.mezzo.WeightStatistics;
import dev.mezzo.examples.training.RunResult;
import java.util.List;

/** Which share of each layer's gradients is zero or subnormal, as a table of HTML. */
final class UnderflowTable {

  private final StringBuilder html = new StringBuilder();

  private UnderflowTable() {}

  /** A table for each run that was looked at. */
  static String of(List<RunResult> runs) {
    UnderflowTable table = new UnderflowTable();
    for (RunResult run : runs) {
      StepStatistics layers = run.layers();
      if (layers != null) {
        table.add(run.form().name(), layers);
      }
    }
    return table.html.toString();
  }

  private void add(String form, StepStatistics found) {
    html.append("<table>\n<thead><tr><th>")
        .append(Svg.escape(form))
        .append("</th><th>gradients of</th><th>zero</th><th>subnormal</th></tr></thead>\n");
    for (LayerStatistics layer : found.layers()) {
      row(layer.toString(), "activations", layer.activationGradients(), found);
    }
    for (WeightStatistics weight : found.weights()) {
      row(weight.path(), "the weight", weight.gradient(), found);
    }
    html.append("</table>\n");
  }

  private void row(String name, String of, ExponentHistogram values, StepStatistics found) {
    if (values.total() == 0) {
      return;
    }
    Underflow underflow = Underflow.of(values, found.half());
    html.append("<tr><th>")
        .append(Svg.escape(name))
        .append("</th><td>")
        .append(of)
        .append("</td><td>")
        .append(share(underflow.zeros(), underflow))
        .append("</td><td>")
        .append(share(underflow.subnormals(), underflow))
        .append("</td></tr>\n");
  }

  private static String share(long part, Underflow whole) {
    return Svg.format("%.2f %%", 100.0 * part / whole.elements());
  }
}
