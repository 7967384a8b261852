package demo;

import static dev.mezzo.Ops.greater;
import static dev.mezzo.Ops.notEqual;
import static dev.mezzo.Ops.pow;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.where;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Comparisons, which nothing is differentiated by, as conditions. */
@Half
record Masked(Linear gate) {
  @Dims("..., features")
  Tensor forward(@Dims("..., features") Tensor x) {
    Tensor g = sigmoid(gate.forward(x));
    Tensor kept = where(notEqual(x, 0f), pow(g, x), g);
    return where(greater(kept, -1f), kept, scale(g, 0.5f));
  }
}
