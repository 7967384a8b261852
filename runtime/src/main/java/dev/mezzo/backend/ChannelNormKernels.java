package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * Normalizations over images, with a factor and a summand for each channel: batch norm and group
 * norm. As {@link Backend} says. Moments are FP32 (2, images, groups): means, then 1/√(variance +
 * ε), of the biased variance.
 */
public interface ChannelNormKernels {

  /** The moments of x; NaN where it has no pixels. */
  void moments(NormShape shape, Operand x, @Writes Operand moments);

  /**
   * A batch norm's running statistics follow the moments of one image: {@code running += momentum ·
   * (batch − running)}, of the unbiased variance. A channel whose moments are not finite is left as
   * it is: a step that overflows must not spoil what later ones read.
   */
  void follow(
      NormShape shape,
      Operand moments,
      float momentum,
      @Writes Operand runningMean,
      @Writes Operand runningVariance);

  /** The moments that running statistics stand for. */
  void standing(
      NormShape shape, Operand runningMean, Operand runningVariance, @Writes Operand moments);

  /** y = tail((x − mean)·moment·weight + bias). */
  void normalize(NormShape shape, Operand x, Operand moments, Channels channels, @Writes Operand y);

  /**
   * What is done to normal values.
   *
   * @param tail more operations, where {@link Backend#finishes} says so; null for none
   */
  record Channels(Operand weight, Operand bias, @Nullable Tail tail) {}

  /**
   * The gradients, where moments are those of x: with x̂ = (x − mean)·moment, {@code dx =
   * moment·(dy·w − mean(dy·w) − x̂·mean(dy·w·x̂))}, {@code dWeight = Σ dy·x̂}, {@code dBias = Σ
   * dy}. Each may add.
   */
  void gradient(
      NormShape shape,
      Operand dy,
      Operand x,
      Operand moments,
      Operand weight,
      @Writes Gradients to);

  /** Where gradients go; null for one that is not wanted. In place: dx may be dy. */
  record Gradients(@Nullable Operand dx, @Nullable Operand dWeight, @Nullable Operand dBias) {}
}
