package dev.mezzo.layers;

import static dev.mezzo.Ops.hardSwish;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/** {@code x·min(max(x + 3, 0), 6)/6} of each element. */
@Half
public record HardSwish() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return hardSwish(x);
  }
}
