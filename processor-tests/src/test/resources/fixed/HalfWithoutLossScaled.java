package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@LossScaled
record HalfWithoutLossScaled() {
  Tensor loss(Tensor x) {
    return mean(relu(x));
  }
}

@Half
@SuppressWarnings("mezzo:HalfWithoutLossScaled")
record Meant() {
  Tensor loss(Tensor x) {
    return mean(relu(x));
  }
}
