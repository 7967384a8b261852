package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@LossScaled // ERROR LossScaledWithoutLoss: @LossScaled
record LossScaledWithoutLoss() {
  Tensor forward(Tensor x) {
    return mean(x);
  }
}
