package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@Full // ERROR HalfAndFull: @Full
record HalfAndFull() {
  Tensor forward(Tensor x) {
    return helper(relu(x));
  }

  @Half
  @Full
  private Tensor helper(Tensor x) { // ERROR HalfAndFull: helper
    return relu(x);
  }
}

@Half
record Locals() {
  Tensor forward(Tensor x) {
    @Half @Full Tensor y = relu(x); // ERROR HalfAndFull: @Full
    return y;
  }
}
