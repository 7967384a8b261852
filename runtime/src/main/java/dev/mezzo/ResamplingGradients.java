package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.backend.Resampling.Mode;
import dev.mezzo.types.Layout;

/**
 * Gradients of images in another size, in their operand's shape and element type: summed in FP32,
 * rounded once.
 */
public final class ResamplingGradients {

  private ResamplingGradients() {}

  /** The sum of dy over the pixels that took one of x. */
  @Gradient(of = "upsampleNearest", wrt = "x")
  public static Tensor upsampleNearestGradient(Tensor dy, Layout x) {
    return Resamplings.gradient("upsampleNearestGradient", Mode.NEAREST, dy, x);
  }

  /** The sum of dy over the pixels that one of x is part of, by its weight in them. */
  @Gradient(of = "upsampleBilinear", wrt = "x")
  public static Tensor upsampleBilinearGradient(Tensor dy, Layout x, boolean alignCorners) {
    return Resamplings.gradient(
        "upsampleBilinearGradient", Resamplings.bilinear(alignCorners), dy, x);
  }
}
