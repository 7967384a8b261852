package dev.mezzo.layers;

import static dev.mezzo.Ops.globalAveragePool;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/** The mean over each image: x (batch, height, width, channels), y (batch, channels). */
@Half
public record GlobalAveragePool() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims({"batch", "channels"})
  public Tensor forward(@Dims({"batch", "height", "width", "channels"}) Tensor x) {
    return globalAveragePool(x);
  }
}
