package demo;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Casts on both sides of a full layer. */
@Half
public record UsesFullLayer(Linear before, FullLayer full, Linear after) {
  public Tensor forward(Tensor x) {
    return after.forward(relu(full.forward(before.forward(x))));
  }
}
