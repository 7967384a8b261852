package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record LayerCycle(Other other) {
  Tensor forward(Tensor x) {
    return other.forward(x);
  }

  @Half
  record Other(LayerCycle back) { // ERROR LayerCycle: back
    Tensor forward(Tensor x) {
      return back.forward(x);
    }
  }
}
