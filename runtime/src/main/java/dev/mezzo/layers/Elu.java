package dev.mezzo.layers;

import static dev.mezzo.Ops.elu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/**
 * {@code x > 0 ? x : alpha·(eˣ − 1)} of each element.
 *
 * @param alpha at least 0; usually 1
 */
@Half
public record Elu(float alpha) implements Layer {

  /** Checks it. */
  public Elu {
    if (!(alpha >= 0)) {
      throw new IllegalArgumentException("Elu's alpha must be at least 0, but is " + alpha);
    }
  }

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return elu(x, alpha);
  }
}
