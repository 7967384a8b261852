package dev.mezzo.layers;

import static dev.mezzo.Ops.dropout;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/**
 * In training, zeroes each element with probability {@code rate} and divides the others by {@code 1
 * − rate}; else passes x on. The mask is a function of the training's seed, the step, and the place
 * in the step.
 *
 * @param rate in [0, 1)
 * @see <a href="https://jmlr.org/papers/v15/srivastava14a.html">Srivastava et al., Dropout</a>
 */
@Half
public record Dropout(float rate) implements Layer {

  /** Checks the rate. */
  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("dropout's rate must be in [0, 1), but is " + rate);
    }
  }

  /** Passes x on: by itself the layer is in inference. */
  @Override
  @Dims("...")
  public Tensor forward(@Dims("...") Tensor x) {
    return dropout(x, rate);
  }
}
