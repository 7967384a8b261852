package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of norms along the last dimension. Each has its operand's shape and element type;
 * computed in FP32, sums over rows too, and rounded once. The statistics of a row are computed
 * again from x.
 */
public final class LayerNormGradients {

  private LayerNormGradients() {}

  /**
   * With n the normalised x, r its factor and {@code g = dy·weight}: {@code dx = r·(g − mean(g) −
   * n·mean(g·n))}, {@code dWeight = Σ dy·n}, {@code dBias = Σ dy}.
   */
  @Gradient(
      of = "layerNorm",
      wrt = {"x", "weight", "bias"})
  public static @Nullable Tensor[] layerNormGradient(
      Tensor dy,
      Tensor x,
      Tensor weight,
      float epsilon,
      boolean wantDx,
      GradientSum dx,
      GradientSum dWeight,
      GradientSum dBias) {
    return LayerNorms.gradient(
        "layerNormGradient",
        dy,
        x,
        weight,
        epsilon,
        new LayerNorms.Sums(wantDx ? dx : null, dWeight, dBias));
  }

  /**
   * {@code dx = r·(g − n·mean(g·n))}, {@code dWeight = Σ dy·n}; as in {@link #layerNormGradient}.
   */
  @Gradient(
      of = "rmsNorm",
      wrt = {"x", "weight"})
  public static @Nullable Tensor[] rmsNormGradient(
      Tensor dy,
      Tensor x,
      Tensor weight,
      float epsilon,
      boolean wantDx,
      GradientSum dx,
      GradientSum dWeight) {
    return LayerNorms.gradient(
        "rmsNormGradient",
        dy,
        x,
        weight,
        epsilon,
        new LayerNorms.Sums(wantDx ? dx : null, dWeight, null));
  }
}
