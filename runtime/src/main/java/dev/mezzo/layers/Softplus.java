package dev.mezzo.layers;

import static dev.mezzo.Ops.softplus;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/** {@code log(1 + eˣ)} of each element. */
@Half
public record Softplus() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return softplus(x);
  }
}
