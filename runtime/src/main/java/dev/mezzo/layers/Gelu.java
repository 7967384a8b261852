package dev.mezzo.layers;

import static dev.mezzo.Ops.gelu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/**
 * {@code x·Φ(x)} of each element, with the exact normal distribution function Φ.
 *
 * @see <a href="https://arxiv.org/abs/1606.08415">Hendrycks and Gimpel, Gaussian Error Linear
 *     Units</a>
 */
@Half
public record Gelu() implements Layer {

  /** Applies the layer. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return gelu(x);
  }
}
