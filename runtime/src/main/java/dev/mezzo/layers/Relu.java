package dev.mezzo.layers;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/** {@code max(x, 0)} of each element. */
@Half
public record Relu() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return relu(x);
  }
}
