package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record SubLayerWithoutPrecision(Inner inner) { // ERROR SubLayerWithoutPrecision: Inner
  record Inner() {
    Tensor forward(Tensor x) {
      return relu(x);
    }
  }

  Tensor forward(Tensor x) {
    return inner.forward(x);
  }
}
