package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record SubLayerWithoutPrecision(Inner inner, Teacher teacher) {
  @Full
  record Inner() {
    Tensor forward(Tensor x) {
      return relu(x);
    }
  }

  record Teacher() {
    Tensor forward(Tensor x) {
      return relu(x);
    }
  }

  Tensor forward(Tensor x) {
    return inner.forward(x);
  }
}
