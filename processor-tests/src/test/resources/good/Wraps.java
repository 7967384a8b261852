package demo;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** A generic layer as a sub-layer, and layers that are nested classes. */
@Half
record Wraps(Open<Softened> open, Nested nested) {
  Tensor forward(Tensor x) {
    return nested.forward(open.forward(x));
  }

  @Half
  record Nested(Nested.Deeper deeper) {
    Tensor forward(Tensor x) {
      return deeper.forward(x);
    }

    @Half
    record Deeper(Linear linear) {
      Tensor forward(Tensor x) {
        return linear.forward(x);
      }
    }
  }
}
