package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@Full // ERROR HalfAndFull: @Full
record HalfAndFull() {
  Tensor forward(Tensor x) {
    return relu(x);
  }
}
