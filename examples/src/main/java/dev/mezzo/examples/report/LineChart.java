package dev.mezzo.examples.report;

import java.util.Arrays;
import java.util.List;

/**
 * Curves over steps or epochs, with axes and a legend below the title.
 *
 * @param title above the picture
 * @param across what x is
 * @param logarithmic whether y is
 * @param ticks values of y with a line across, ascending; the first and the last bound the picture
 * @param tick format of a tick's label
 * @param series the curves
 */
record LineChart(
    String title,
    String across,
    boolean logarithmic,
    List<Double> ticks,
    String tick,
    List<Series> series) {

  private static final double WIDTH = 400;
  private static final double HEIGHT = 280;
  private static final double LEFT = 46;
  private static final double RIGHT = 16;
  private static final double TOP = 48;
  private static final double BOTTOM = 42;
  private static final int STEPS_ACROSS = 5;

  /**
   * A curve.
   *
   * @param css the class of its colour
   * @param name for the legend
   * @param xs ascending
   * @param ys one for each of xs; one that is not finite is left out
   * @param dots whether each point is marked
   */
  record Series(String css, String name, List<Double> xs, List<Double> ys, boolean dots) {}

  String toSvg() {
    Svg svg = new Svg(WIDTH, HEIGHT, title);
    svg.text("title", "start", LEFT, 16, title);
    legend(svg);
    for (double value : ticks) {
      svg.line("grid", LEFT, y(value), WIDTH - RIGHT, y(value));
      svg.text("tick", "end", LEFT - 6, y(value) + 4, Svg.format(tick, value));
    }
    double step = round(lastX() / STEPS_ACROSS);
    for (double value = 0; value <= lastX(); value += step) {
      svg.text("tick", "middle", x(value), HEIGHT - BOTTOM + 18, Svg.format("%.0f", value));
    }
    svg.text("tick", "middle", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, across);
    series.forEach(curve -> draw(svg, curve));
    return svg.close();
  }

  private void legend(Svg svg) {
    double x = LEFT;
    for (Series curve : series) {
      svg.line("line " + curve.css(), x, 30, x + 12, 30);
      svg.text("tick", "start", x + 17, 34, curve.name());
      x += 32 + 5.9 * curve.name().length();
    }
  }

  private void draw(Svg svg, Series curve) {
    double[] points = new double[2 * curve.xs().size()];
    int used = 0;
    for (int i = 0; i < curve.xs().size(); i++) {
      double value = curve.ys().get(i);
      if (Double.isFinite(value)) {
        points[used++] = x(curve.xs().get(i));
        points[used++] = y(Math.clamp(value, ticks.getFirst(), ticks.getLast()));
      }
    }
    svg.polyline("line " + curve.css(), Arrays.copyOf(points, used));
    for (int i = 0; curve.dots() && i < used; i += 2) {
      svg.circle("dot " + curve.css(), points[i], points[i + 1], 3);
    }
  }

  /** The least of 1, 2, 5, 10, 20 … that is not smaller. */
  private static double round(double step) {
    double power = Math.pow(10, Math.floor(Math.log10(Math.max(step, 1))));
    double digit = step / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
  }

  /** At least 1: all may be at 0. */
  private double lastX() {
    return series.stream()
        .filter(curve -> !curve.xs().isEmpty())
        .mapToDouble(curve -> Math.max(1, curve.xs().getLast()))
        .max()
        .orElse(1);
  }

  private double x(double value) {
    return LEFT + (WIDTH - LEFT - RIGHT) * value / lastX();
  }

  private double y(double value) {
    double low = scaled(ticks.getFirst());
    double high = scaled(ticks.getLast());
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (scaled(value) - low) / (high - low);
  }

  private double scaled(double value) {
    return logarithmic ? Math.log(value) : value;
  }
}
