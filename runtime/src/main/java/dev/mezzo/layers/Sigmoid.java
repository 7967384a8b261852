package dev.mezzo.layers;

import static dev.mezzo.Ops.sigmoid;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/** {@code 1 / (1 + e⁻ˣ)} of each element. */
@Half
public record Sigmoid() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return sigmoid(x);
  }
}
