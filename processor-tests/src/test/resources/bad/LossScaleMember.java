package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@LossScaled(
    growth = 0.5f, // ERROR LossScaleMember: 0.5f
    interval = 0, // ERROR LossScaleMember: 0
    initial = 1e9f) // ERROR LossScaleMember: 1e9f
record LossScaleMember() {
  Tensor loss(Tensor x) {
    return mean(x);
  }
}
