package demo;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Not public, and so its mixed form is not. */
@Half
record Hidden(Linear inner, Same same) {
  Tensor forward(Tensor x) {
    return same.forward(inner.forward(x));
  }
}
