package dev.mezzo.examples.report;

import dev.mezzo.ExponentHistogram;

/**
 * The histogram of gradients' exponents: a bar for each floor(log2 |g|), in percent of all
 * gradients on a logarithmic scale, over the range of FP16. Bars below that range are what FP16
 * makes zero.
 *
 * @param title above the picture
 * @param note below the title
 * @param histogram unscaled gradients
 * @param scaleExponent 2 to this power is the loss scale whose reach is marked; 0 for no mark
 */
record ExponentChart(String title, String note, ExponentHistogram histogram, int scaleExponent) {

  private static final int LOWEST = -48;
  private static final int END = 17;
  private static final int SUBNORMAL = -24;
  private static final int NORMAL = -14;
  private static final int FP16_END = 16;
  private static final double LEAST_PERCENT = 1e-4;
  private static final double GREATEST_PERCENT = 100;
  private static final double WIDTH = 560;
  private static final double HEIGHT = 264;
  private static final double LEFT = 66;
  private static final double RIGHT = 8;
  private static final double TOP = 64;
  private static final double BOTTOM = 40;
  private static final double FLOOR = HEIGHT - BOTTOM;

  String toSvg() {
    Svg svg = new Svg(WIDTH, HEIGHT, title);
    svg.text("title", "start", LEFT, 16, title);
    svg.text("tick", "start", LEFT, 34, note);
    svg.rect("normal", x(NORMAL), TOP, x(FP16_END) - x(NORMAL), FLOOR - TOP);
    svg.rect("subnormal", x(SUBNORMAL), TOP, x(NORMAL) - x(SUBNORMAL), FLOOR - TOP);
    svg.text("tick", "middle", (x(NORMAL) + x(FP16_END)) / 2, TOP - 6, "normal in FP16");
    svg.text("tick", "middle", (x(SUBNORMAL) + x(NORMAL)) / 2, TOP - 6, "subnormal");
    svg.text("tick", "middle", (x(LOWEST) + x(SUBNORMAL)) / 2, TOP - 6, "zero");
    percentAxis(svg);
    for (int exponent = LOWEST; exponent < END; exponent++) {
      double top = y(percent(exponent));
      String css = exponent < SUBNORMAL ? "bar lost" : "bar kept";
      svg.rect(css, x(exponent) + 0.6, top, x(1) - x(0) - 1.2, FLOOR - top);
    }
    svg.line("axis", LEFT, FLOOR, WIDTH - RIGHT, FLOOR);
    if (scaleExponent > 0) {
      double reach = x(SUBNORMAL - scaleExponent);
      svg.line("reach", reach, TOP, reach, FLOOR);
      svg.text("tick", "start", reach + 4, TOP + 14, "2⁻²⁴ ÷ scale");
    }
    exponentAxis(svg);
    return svg.close();
  }

  /** A line for each power of ten, words for every second. */
  private static void percentAxis(Svg svg) {
    for (int power = -4; power <= 2; power++) {
      double percent = Math.pow(10, power);
      svg.line("grid", LEFT, y(percent), WIDTH - RIGHT, y(percent));
      if (power % 2 == 0) {
        String pattern = "%." + Math.max(0, -power) + "f %%";
        svg.text("tick", "end", LEFT - 5, y(percent) + 4, Svg.format(pattern, percent));
      }
    }
  }

  private static void exponentAxis(Svg svg) {
    for (int exponent = LOWEST; exponent < END; exponent += 8) {
      svg.text("tick", "middle", x(exponent), FLOOR + 16, Integer.toString(exponent));
    }
    svg.text("tick", "middle", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, "log₂ |gradient|, unscaled");
  }

  /** The lowest bar also holds everything below it. */
  private double percent(int exponent) {
    long count = exponent == LOWEST ? histogram.below(LOWEST + 1) : histogram.count(exponent);
    return 100.0 * count / Math.max(1, histogram.total());
  }

  private static double x(int exponent) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (exponent - LOWEST) / (END - LOWEST);
  }

  private static double y(double percent) {
    double share =
        Math.log(Math.clamp(percent, LEAST_PERCENT, GREATEST_PERCENT) / LEAST_PERCENT)
            / Math.log(GREATEST_PERCENT / LEAST_PERCENT);
    return FLOOR - (FLOOR - TOP) * share;
  }
}
