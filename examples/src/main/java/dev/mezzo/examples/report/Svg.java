package dev.mezzo.examples.report;

import java.util.Locale;

/** An SVG picture that takes its colours from the page's style sheet, through classes. */
final class Svg {

  private final StringBuilder text = new StringBuilder();

  Svg(double width, double height, String title) {
    text.append(
        format(
            "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">%n",
            width, height, escape(title)));
  }

  void line(String css, double x1, double y1, double x2, double y2) {
    text.append(
        format(
            "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
            css, x1, y1, x2, y2));
  }

  void rect(String css, double x, double y, double width, double height) {
    text.append(
        format(
            "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>%n",
            css, x, y, Math.max(0, width), Math.max(0, height)));
  }

  void circle(String css, double x, double y, double radius) {
    text.append(
        format("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>%n", css, x, y, radius));
  }

  /** A path through points x0, y0, x1, y1 … */
  void polyline(String css, double... points) {
    StringBuilder list = new StringBuilder();
    for (int i = 0; i + 1 < points.length; i += 2) {
      list.append(format(i == 0 ? "%.1f,%.1f" : " %.1f,%.1f", points[i], points[i + 1]));
    }
    text.append(format("<polyline class=\"%s\" points=\"%s\"/>%n", css, list));
  }

  /** Text; {@code anchor} is start, middle or end. */
  void text(String css, String anchor, double x, double y, String words) {
    text.append(
        format(
            "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n",
            css, anchor, x, y, escape(words)));
  }

  /** The picture, complete. */
  String close() {
    return text + "</svg>\n";
  }

  /** Text for an element or a quoted attribute of HTML or XML. */
  static String escape(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  /** {@link String#format} with a point as the decimal mark. */
  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
