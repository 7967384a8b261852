package dev.mezzo.layers;

import static dev.mezzo.Ops.upsampleNearest;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/**
 * Images {@code factor} times as high and wide, each pixel repeated. Shapes: x (batch, height,
 * width, channels), y (batch, factor·height, factor·width, channels).
 *
 * @param factor at least 1
 */
@Half
public record UpsampleNearest2d(int factor) implements Layer {

  /** Checks it. */
  public UpsampleNearest2d {
    if (factor < 1) {
      throw new IllegalArgumentException(
          "UpsampleNearest2d's factor must be at least 1, but is " + factor);
    }
  }

  /** Applies the layer. */
  @Override
  @Dims({"batch", "factor*height", "factor*width", "channels"})
  public Tensor forward(@Dims({"batch", "height", "width", "channels"}) Tensor x) {
    return upsampleNearest(x, factor * x.shape().dim(1), factor * x.shape().dim(2));
  }
}
