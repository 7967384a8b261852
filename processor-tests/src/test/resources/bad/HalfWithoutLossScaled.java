package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half // WARNING HalfWithoutLossScaled: @Half
record HalfWithoutLossScaled() {
  Tensor loss(Tensor x) {
    return mean(relu(x));
  }
}
