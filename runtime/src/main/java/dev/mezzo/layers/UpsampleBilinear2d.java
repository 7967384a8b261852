package dev.mezzo.layers;

import static dev.mezzo.Ops.upsampleBilinear;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/**
 * Images {@code factor} times as high and wide, each pixel mixed of the four around its place.
 * Shapes: x (batch, height, width, channels), y (batch, factor·height, factor·width, channels).
 *
 * @param factor at least 1
 * @param alignCorners whether the outer pixels stay in place: see {@link
 *     dev.mezzo.Ops#upsampleBilinear}
 */
@Half
public record UpsampleBilinear2d(int factor, boolean alignCorners) implements Layer {

  /** Checks the factor. */
  public UpsampleBilinear2d {
    if (factor < 1) {
      throw new IllegalArgumentException(
          "UpsampleBilinear2d's factor must be at least 1, but is " + factor);
    }
  }

  /** Applies the layer. */
  @Override
  @Dims({"batch", "factor*height", "factor*width", "channels"})
  public Tensor forward(@Dims({"batch", "height", "width", "channels"}) Tensor x) {
    int height = factor * x.shape().dim(1);
    int width = factor * x.shape().dim(2);
    return upsampleBilinear(x, height, width, alignCorners);
  }
}
