package dev.mezzo.examples.report;

import dev.mezzo.examples.training.TextRun;
import dev.mezzo.examples.training.TextRun.Validation;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A page with the curves of runs on a text, and what the models write. */
public final class TextPage {

  private static final List<Double> TICKS = List.of(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0);

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>Mezzo: a model of text</title><style>
      body { font: 15px/1.55 system-ui, sans-serif; max-width: 900px; margin: 0 auto; padding: 36px 24px; }
      svg { width: 100%; height: auto; } svg .tick { font-size: 11.5px; } svg .grid { stroke: #ddd; }
      svg .line { fill: none; stroke-width: 2; } .form0 { stroke: #565d68; } .form1 { stroke: #1f6feb; }
      .dot.form0 { fill: #565d68; } .dot.form1 { fill: #1f6feb; } pre { white-space: pre-wrap; background: #f4f4f4; padding: 12px; }
      </style></head><body>
      """;

  private TextPage() {}

  /** The page, as HTML. */
  public static String of(String title, List<TextRun.Result> runs) {
    List<LineChart.Series> series = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      List<Validation> validations = runs.get(i).validations();
      series.add(
          new LineChart.Series(
              "form" + i,
              runs.get(i).form().name(),
              validations.stream().map(v -> (double) v.step()).toList(),
              validations.stream().map(Validation::loss).toList(),
              true));
    }
    StringBuilder page = new StringBuilder(HEAD);
    page.append("<h1>").append(escaped(title)).append("</h1>\n");
    page.append(
        new LineChart("Validation loss, nats a byte", "step", false, TICKS, "%.0f", series)
            .toSvg());
    IntStream.range(0, runs.size())
        .forEach(
            i ->
                page.append("<h2>")
                    .append(escaped(runs.get(i).form().description()))
                    .append("</h2>\n<pre>")
                    .append(escaped(runs.get(i).sample()))
                    .append("</pre>\n"));
    return page.append("</body></html>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
