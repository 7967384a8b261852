package dev.mezzo.layers;

import static dev.mezzo.Ops.globalAveragePool;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;

/** The mean over each image: x (batch, height, width, channels), y (batch, channels). */
@Half
public record GlobalAveragePool() {

  /** Applies the layer. */
  public Tensor forward(Tensor x) {
    return globalAveragePool(x);
  }
}
