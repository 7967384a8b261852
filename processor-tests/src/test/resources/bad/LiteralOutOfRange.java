package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record LiteralOutOfRange() {
  static final float TINY = 1e-9f;

  Tensor forward(Tensor x) {
    Tensor large = scale(x, 70000); // ERROR LiteralOutOfRange: 70000
    Tensor negative = scale(large, -(1e5f)); // ERROR LiteralOutOfRange: -
    return scale(negative, TINY); // ERROR LiteralOutOfRange: TINY
  }
}
