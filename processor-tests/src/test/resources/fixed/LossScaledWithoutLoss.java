package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@LossScaled
record LossScaledWithoutLoss() {
  Tensor loss(Tensor x, Tensor target) {
    return meanSquaredError(x, target);
  }
}
