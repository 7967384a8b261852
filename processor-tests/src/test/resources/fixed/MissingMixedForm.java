package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import dev.mezzo.layers.Linear;

@Half
record MissingMixedForm(Linear inner) {
  Tensor forward(Tensor x) {
    return inner.forward(x);
  }
}
