package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record NotDifferentiable() {
  Tensor forward(Tensor x) {
    return shifted(relu(Scales.scaled(x, 2))); // ERROR NotDifferentiable: .scaled
  }

  private Tensor shifted(Tensor x) {
    return Scales.moved(x); // ERROR NotDifferentiable: .moved
  }
}

class Scales {
  static Tensor scaled(Tensor x, float factor) {
    return scale(x, (float) Math.floor(factor * x.toFloats()[0]));
  }

  static Tensor moved(Tensor x) {
    return scaled(relu(x), 1);
  }
}
