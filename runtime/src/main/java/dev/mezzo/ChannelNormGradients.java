package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of batch and group norm by x, weight and bias, in their element types, computed in FP32
 * and rounded once. The moments are those of forward, from the tape; x̂ is made again of x.
 */
public final class ChannelNormGradients {

  private ChannelNormGradients() {}

  /** One pass over dy and x for the sums that all three read, one for dx. */
  @Gradient(
      of = "batchNorm",
      wrt = {"x", "weight", "bias"})
  public static @Nullable Tensor[] batchNormGradient(
      Tape tape,
      Tensor dy,
      Tensor x,
      Tensor weight,
      boolean wantDx,
      GradientSum dx,
      GradientSum dWeight,
      GradientSum dBias) {
    try (Tensor moments = tape.restoreTensor()) {
      return ChannelNorms.batchNormGradient(
          dy, x, weight, moments, new LayerNorms.Sums(wantDx ? dx : null, dWeight, dBias));
    }
  }

  /** As {@link #batchNormGradient}, by image and group. */
  @Gradient(
      of = "groupNorm",
      wrt = {"x", "weight", "bias"})
  public static @Nullable Tensor[] groupNormGradient(
      Tape tape,
      Tensor dy,
      Tensor x,
      Tensor weight,
      int groups,
      boolean wantDx,
      GradientSum dx,
      GradientSum dWeight,
      GradientSum dBias) {
    try (Tensor moments = tape.restoreTensor()) {
      return ChannelNorms.groupNormGradient(
          dy, x, weight, groups, moments, new LayerNorms.Sums(wantDx ? dx : null, dWeight, dBias));
    }
  }
}
