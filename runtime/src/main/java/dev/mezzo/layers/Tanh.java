package dev.mezzo.layers;

import static dev.mezzo.Ops.tanh;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/** The hyperbolic tangent of each element. */
@Half
public record Tanh() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return tanh(x);
  }
}
