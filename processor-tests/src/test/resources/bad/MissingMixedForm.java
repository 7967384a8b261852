package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MissingMixedForm(Trainer inner) { // ERROR MissingMixedForm: inner
  @Half
  @LossScaled
  record Trainer() {
    Tensor forward(Tensor x) {
      return relu(x);
    }

    Tensor loss(Tensor x) {
      return mean(forward(x));
    }
  }

  Tensor forward(Tensor x) {
    return inner.forward(x);
  }
}
