package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record NameTaken() {
  Tensor forward(Tensor x) {
    return relu(x);
  }

  static class MixedNameTaken {}
}
