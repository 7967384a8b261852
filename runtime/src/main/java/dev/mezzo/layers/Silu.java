package dev.mezzo.layers;

import static dev.mezzo.Ops.silu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/** {@code x·σ(x)} of each element, also called swish. */
@Half
public record Silu() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return silu(x);
  }
}
