package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@LossScaled
record LossNotScalar(Inner inner) {
  Tensor loss(Tensor x, Tensor penalty) {
    return add(scale(total(x), 0.5f), add(penalty, inner.forward(x)));
  }

  Tensor total(Tensor x) {
    return sum(x);
  }

  @Half
  record Inner() {
    Tensor forward(Tensor x) {
      return mean(x);
    }
  }
}
