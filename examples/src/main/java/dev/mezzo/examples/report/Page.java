package dev.mezzo.examples.report;

import dev.mezzo.HalfFormat;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.RunResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A report as one HTML file: no scripts, nothing loaded from elsewhere. */
public final class Page {

  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)}}");

  private static final String HIDDEN = " hidden";

  private static final String COMPARED =
      "The same source, the same generated class, the same seed, the same order of images. What"
          + " differs is the 16-bit format, whether the weights have an FP32 master copy, and"
          + " whether the loss is scaled.";

  private final Report report;
  private final LabeledImages test;

  private Page(Report report, LabeledImages test) {
    this.report = report;
    this.test = test;
  }

  /** The page; the images were those that the runs' predictions are of. */
  public static String of(Report report, LabeledImages test) {
    return new Page(report, test).html();
  }

  private String html() {
    Pictures pictures = new Pictures(test, report.runs());
    Map<String, String> parts = new TreeMap<>();
    parts.put("forms", forms());
    boolean alone = report.runs().size() == 1;
    boolean sampled = report.runs().stream().anyMatch(run -> run.statistics().steps() > 0);
    parts.put("title", Svg.escape(title()));
    parts.put("lead", alone ? "What it learned, and what it sees." : COMPARED);
    parts.put("alone", alone ? HIDDEN : "");
    parts.put("withoutStatistics", sampled ? "" : HIDDEN);
    parts.put("loss", Curves.loss(report));
    parts.put("difference", alone ? "" : Curves.difference(report));
    parts.put("accuracy", Curves.accuracy(report));
    parts.put("exponents", sampled ? exponents() : "");
    parts.put("underflow", UnderflowTable.of(report.runs()));
    parts.put("table", table());
    parts.put("definitions", definitions());
    parts.put("pictures", pictures.first());
    parts.put("disagreements", Svg.format("%,d", pictures.disagreements()));
    parts.put("tests", Svg.format("%,d", test.count()));
    parts.put("disagreeing", pictures.disagreeing());
    parts.put("setup", setup());
    return fill(template(), parts);
  }

  private String title() {
    return switch (report.runs().size()) {
      case 1 -> report.setup().model() + " in " + report.runs().getFirst().form().name();
      case 2 -> "One network, two precisions";
      default -> "One network, four precisions";
    };
  }

  private String forms() {
    StringBuilder html = new StringBuilder();
    for (int i = 0; i < report.runs().size(); i++) {
      RunResult run = report.runs().get(i);
      html.append(
          Svg.format(
              "<li><i class=\"key form%d\"></i><b>%s</b>"
                  + " <small>%s</small><strong>%s</strong></li>%n",
              i,
              Svg.escape(run.form().name()),
              Svg.escape(run.form().description()),
              Metric.ALL.getFirst().of(report, run)));
    }
    return html.toString();
  }

  private String exponents() {
    StringBuilder html = new StringBuilder();
    for (RunResult run : report.runs()) {
      boolean full = run.form().half() == HalfFormat.NONE;
      int exponent = full ? report.scaleExponent() : Math.getExponent(run.finalScale());
      ExponentChart chart =
          new ExponentChart(
              run.form().name(),
              Svg.format(
                  "%.2f %% are zero, %.2f %% below 2⁻²⁴",
                  100 * run.statistics().zeros(), 100 * run.statistics().belowBeforeScaling()),
              run.statistics().exponents(),
              Math.max(0, exponent));
      html.append("<div>").append(chart.toSvg()).append("</div>\n");
    }
    return html.toString();
  }

  private String table() {
    StringBuilder html = new StringBuilder("<thead><tr><th></th>");
    for (int i = 0; i < report.runs().size(); i++) {
      html.append("<th><i class=\"key form")
          .append(i)
          .append("\"></i>")
          .append(Svg.escape(report.runs().get(i).form().name()))
          .append("</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (Metric metric : Metric.ALL) {
      html.append("<tr><th>").append(Svg.escape(metric.label())).append("</th>");
      for (RunResult run : report.runs()) {
        html.append("<td>").append(Svg.escape(metric.of(report, run))).append("</td>");
      }
      html.append("</tr>\n");
    }
    html.append("</tbody>");
    for (RunResult run : report.runs()) {
      if (run.stopped() != null) {
        html.append("<caption>")
            .append(Svg.escape(run.form().name() + " stopped: " + run.stopped()))
            .append("</caption>");
      }
    }
    return html.toString();
  }

  private String definitions() {
    StringBuilder html = new StringBuilder();
    for (Metric metric : Metric.ALL) {
      html.append("<dt>")
          .append(Svg.escape(metric.label()))
          .append("</dt><dd>")
          .append(Svg.escape(metric.definition()))
          .append("</dd>\n");
    }
    return html.toString();
  }

  private String setup() {
    Setup setup = report.setup();
    return Svg.escape(
        Svg.format(
            "%s, batch %d, %s, %d epochs, seed %d. %,d training and %,d test images from %s."
                + "%s Mezzo %s on %s, Java %s.",
            setup.model(),
            setup.batch(),
            setup.optimizer(),
            setup.epochs(),
            setup.seed(),
            setup.trainImages(),
            setup.testImages(),
            setup.data(),
            setup.sampleEvery() > 0
                ? " Gradients and updates looked at every " + setup.sampleEvery() + " steps."
                : "",
            setup.mezzo(),
            setup.device(),
            setup.java()));
  }

  private static String template() {
    try (InputStream in = Page.class.getResourceAsStream("page.html")) {
      if (in == null) {
        throw new IllegalStateException("resource page.html is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String fill(String template, Map<String, String> parts) {
    return PLACE
        .matcher(template)
        .replaceAll(
            place -> {
              String part = parts.get(place.group(1));
              if (part == null) {
                throw new IllegalStateException("page.html has no part for " + place.group());
              }
              return Matcher.quoteReplacement(part);
            });
  }
}
