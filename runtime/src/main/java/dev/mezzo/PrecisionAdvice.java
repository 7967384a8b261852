package dev.mezzo;

import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What the values of a few steps say about training in a 16-bit format. The steps are best run in
 * FP32 ({@link HalfFormat#NONE}), where no value is lost that could be looked at:
 *
 * <pre>{@code
 * try (var training = MixedNet.training(net).optimizer(sgd).half(NONE).statistics(1).build()) {
 *   training.step(images, labels);
 *   System.out.println(PrecisionAdvice.of(training.statistics().orElseThrow(), FP16));
 * }
 * }</pre>
 *
 * @param format that is asked about
 * @param staticScale the greatest power of two that keeps each gradient of these steps below the
 *     format's largest number, 65504 in FP16; 1 in BF16, whose range is FP32's
 * @param layers in the order of the statistics
 * @param weights likewise
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al., Mixed Precision Training,
 *     section 3.2: a factor such that its product with the maximum absolute gradient value is below
 *     65,504; section 3.1: updates vanish where a weight is 2048 times as large</a>
 */
public record PrecisionAdvice(
    HalfFormat format, float staticScale, List<LayerAdvice> layers, List<WeightAdvice> weights) {

  /** FP16's numbers end in this exponent: 65504 is just below 2¹⁶. */
  private static final int FP16_GREATEST = 15;

  private static final int FP16_LEAST = -24;

  /** The greatest loss scale that {@code LossScale} has, as an exponent. */
  private static final int GREATEST_SCALE = 24;

  /** Of a layer's activation gradients, below the least number even if scaled: too many. */
  private static final double LOST = 0.01;

  /** Copies the lists. */
  public PrecisionAdvice {
    layers = List.copyOf(layers);
    weights = List.copyOf(weights);
  }

  /**
   * A range of exponents: each value that is neither zero nor non-finite is in [2^least,
   * 2^(greatest + 1)).
   */
  public record Exponents(int least, int greatest) {
    /** As in {@code -31..4}. */
    @Override
    public String toString() {
      return least + ".." + greatest;
    }
  }

  /**
   * What is said of a layer.
   *
   * @param layer class and path, as in {@code Linear net.first}
   * @param lines that lead to it
   * @param activations the range of what forward computed; null where there was nothing
   * @param gradients that of the activations' gradients, not scaled
   * @param lost the share of those, of all that are not zero, that the format would not hold with
   *     the static scale
   * @param full why the layer should be {@code @Full}; empty if it need not
   */
  public record LayerAdvice(
      String layer,
      List<String> lines,
      @Nullable Exponents activations,
      @Nullable Exponents gradients,
      double lost,
      String full) {}

  /**
   * What is said of a weight.
   *
   * @param gradients the range of its gradient, not scaled
   * @param vanishing the share of its updates that would vanish without an FP32 master copy
   */
  public record WeightAdvice(String weight, @Nullable Exponents gradients, double vanishing) {}

  /** The advice, of steps in whatever format. */
  public static PrecisionAdvice of(StepStatistics steps, HalfFormat format) {
    int scaled = Math.getExponent(steps.scale());
    int greatest = Integer.MIN_VALUE;
    for (LayerStatistics layer : steps.layers()) {
      greatest = Math.max(greatest, layer.activationGradients().greatest().orElse(greatest));
    }
    for (WeightStatistics weight : steps.weights()) {
      greatest = Math.max(greatest, weight.gradient().greatest().orElse(greatest));
    }
    int scale = scale(greatest - scaled, greatest == Integer.MIN_VALUE, format);
    List<LayerAdvice> layers = new ArrayList<>();
    for (LayerStatistics layer : steps.layers()) {
      layers.add(advice(layer, scaled, scale, format));
    }
    List<WeightAdvice> weights = new ArrayList<>();
    for (WeightStatistics weight : steps.weights()) {
      weights.add(
          new WeightAdvice(
              weight.path(), exponents(weight.gradient(), scaled), weight.vanishingShare()));
    }
    return new PrecisionAdvice(format, Math.scalb(1f, scale), layers, weights);
  }

  /** With it, values below 2 to the power greatest + 1 stay below 2¹⁵, and so below 65504. */
  private static int scale(int greatest, boolean none, HalfFormat format) {
    return format != HalfFormat.FP16 || none
        ? 0
        : Math.clamp(FP16_GREATEST - 1 - greatest, 0, GREATEST_SCALE);
  }

  private static LayerAdvice advice(
      LayerStatistics layer, int scaled, int scale, HalfFormat format) {
    ExponentHistogram gradients = layer.activationGradients();
    long some = gradients.total() - gradients.zeros() - gradients.notFinite();
    int least = format == HalfFormat.BF16 ? -133 : FP16_LEAST;
    double lost = some == 0 ? 0 : (double) gradients.below(least - scale + scaled) / some;
    Exponents activations = exponents(layer.activations(), 0);
    return new LayerAdvice(
        layer.toString(),
        layer.lines(),
        activations,
        exponents(gradients, scaled),
        lost,
        full(layer, activations, lost, scale, format));
  }

  private static String full(
      LayerStatistics layer,
      @Nullable Exponents activations,
      double lost,
      int scale,
      HalfFormat format) {
    if (layer.activations().notFinite() > 0) {
      return "computes NaN or ±Inf";
    }
    if (format == HalfFormat.FP16
        && activations != null
        && activations.greatest() >= FP16_GREATEST) {
      return "results of 2^%d and more, where FP16 ends at 65504".formatted(activations.greatest());
    }
    return lost > LOST
        ? String.format(
            Locale.ROOT, "%.1f %% of its gradients vanish even scaled by 2^%d", 100 * lost, scale)
        : "";
  }

  private static @Nullable Exponents exponents(ExponentHistogram values, int scaled) {
    OptionalInt least = values.least();
    OptionalInt greatest = values.greatest();
    return least.isPresent() && greatest.isPresent()
        ? new Exponents(least.getAsInt() - scaled, greatest.getAsInt() - scaled)
        : null;
  }

  /** As lines of text. */
  @Override
  public String toString() {
    Formatter text = new Formatter(Locale.ROOT);
    text.format("%-40s %12s %12s %8s  %s%n", "layer", "activations", "gradients", "lost", "@Full");
    for (LayerAdvice layer : layers) {
      text.format(
          "%-40s %12s %12s %7.2f%%  %s%n",
          layer.layer(),
          text(layer.activations()),
          text(layer.gradients()),
          100 * layer.lost(),
          layer.full().isEmpty() ? "no" : "yes: " + layer.full());
    }
    text.format("%n%-40s %12s %12s%n", "weight", "gradient", "updates lost");
    for (WeightAdvice weight : weights) {
      text.format(
          "%-40s %12s %11.1f%%%n",
          weight.weight(), text(weight.gradients()), 100 * weight.vanishing());
    }
    text.format("%nstatic loss scale for %s: %.0f%n", format, staticScale);
    return text.toString();
  }

  private static String text(@Nullable Exponents exponents) {
    return exponents == null ? "-" : exponents.toString();
  }
}
