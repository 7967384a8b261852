package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record LiteralOutOfRange() {
  Tensor forward(Tensor x) {
    Tensor half = scale(scale(scale(x, 65504), 0), 0x1p-24f);
    Tensor full = scale(exp(half), 1e-9f);
    return reshape(full, 100000, -1);
  }
}

@Full
record Full32() {
  Tensor forward(Tensor x) {
    return scale(x, 1e-9f);
  }
}
