package dev.mezzo.examples.report;

import dev.mezzo.examples.training.TextRun;
import dev.mezzo.examples.training.TextRun.Validation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A page with the curves of runs on a text, and what the models write. */
public final class TextPage {

  private static final int MOST_TICKS = 7;

  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>Mezzo: a model of text</title><style>
      body { font: 15px/1.55 system-ui, sans-serif; max-width: 900px; margin: 0 auto; padding: 36px 24px; }
      svg { width: 100%; max-width: 560px; height: auto; display: block; margin-top: 24px; } svg .tick { font-size: 11.5px; } svg .grid { stroke: #ddd; }
      svg .line { fill: none; stroke-width: 2; } .line.form0 { stroke: #565d68; stroke-width: 5; opacity: 0.5; } .form1 { stroke: #1f6feb; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { padding: 4px 12px 4px 0; text-align: right; vertical-align: bottom; }
      th:first-child { text-align: left; } td { border-top: 1px solid #ddd; } tr + tr th { border-top: 1px solid #ddd; }
      .dot.form0 { fill: #565d68; } .dot.form1 { fill: #1f6feb; } pre { white-space: pre-wrap; background: #f4f4f4; padding: 12px; }
      </style></head><body>
      """;

  private TextPage() {}

  /** The page, as HTML. */
  public static String of(String model, String text, List<TextRun.Result> runs) {
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
    page.append("<h1>").append(escaped(model)).append("</h1>\n<p>");
    page.append(escaped(text)).append(", of which it reads nine tenths; the rest validates.</p>\n");
    page.append(table(runs));
    page.append(
        new LineChart("Validation loss, nats a byte", "step", false, ticks(series), "%.2g", series)
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

  /** Round numbers from below the least loss to above the greatest. */
  private static List<Double> ticks(List<LineChart.Series> series) {
    double[] losses =
        series.stream()
            .flatMap(line -> line.ys().stream())
            .mapToDouble(Double::doubleValue)
            .filter(Double::isFinite)
            .toArray();
    double least = Arrays.stream(losses).min().orElse(0);
    double greatest = Arrays.stream(losses).max().orElse(1);
    double step = 0.1;
    while (Math.ceil(greatest / step) - Math.floor(least / step) >= MOST_TICKS) {
      step *= 2;
    }
    List<Double> ticks = new ArrayList<>();
    for (double tick = Math.floor(least / step); tick < greatest / step + 1; tick++) {
      ticks.add(tick * step);
    }
    return ticks;
  }

  private static String table(List<TextRun.Result> runs) {
    StringBuilder rows = new StringBuilder();
    for (TextRun.Result run : runs) {
      Validation last = run.validations().getLast();
      rows.append(
          String.format(
              Locale.ROOT,
              "<tr><th>%s</th><td>%.3f</td><td>%.3f</td><td>%.1f %%</td><td>%s</td><td>%.2f MB</td><td>%d</td></tr>%n",
              escaped(run.form().name()),
              last.loss(),
              last.loss() / Math.log(2),
              100 * last.accuracy(),
              run.losses().isEmpty()
                  ? "-"
                  : String.format(Locale.ROOT, "%.1f ms", 1e3 * run.stepSeconds()),
              run.memory().savedActivations() / 1e6,
              run.skipped()));
    }
    return """
        <table><tr><th></th><th>validation loss, nats a byte</th><th>bits a byte</th><th>bytes right</th>\
        <th>step</th><th>saved activations</th><th>skipped steps</th></tr>
        %s</table>
        """
        .formatted(rows);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
