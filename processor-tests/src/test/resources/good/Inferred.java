package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Types by var, choices between tensors within a call, a pass of a while loop that ends early. */
@Half
record Inferred(Linear inner, boolean wide, int depth) {
  Tensor forward(Tensor x) {
    var h = tanh(inner.forward(x));
    var count = depth;
    while (count > 0) {
      count -= 1;
      if (count % 2 == 0) {
        continue;
      }
      h = multiply(h, wide ? x : sigmoid(h));
    }
    return add(depth > 2 ? h : wide ? scale(h, 0.5f) : x, x);
  }
}
