package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@LossScaled(growth = 4, interval = 1, initial = 1e6f)
record LossScaleMember() {
  Tensor loss(Tensor x) {
    return mean(x);
  }
}

@LossScaled(scaling = LossScaled.Scaling.STATIC, initial = 1e9f)
record Static() {
  Tensor loss(Tensor x) {
    return mean(x);
  }
}
