package dev.mezzo.layers;

import static dev.mezzo.Ops.leakyRelu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/**
 * {@code x > 0 ? x : slope·x} of each element.
 *
 * @param slope at least 0; usually 0.01
 */
@Half
public record LeakyRelu(float slope) implements Layer {

  /** Checks it. */
  public LeakyRelu {
    if (!(slope >= 0)) {
      throw new IllegalArgumentException("LeakyRelu's slope must be at least 0, but is " + slope);
    }
  }

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return leakyRelu(x, slope);
  }
}
