package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record NoForward(float factor) { // ERROR NoForward: record
  Tensor apply(Tensor x) {
    return scale(x, factor);
  }
}

@Full
class Abstract { // ERROR NoForward: class
  int forward(int x) {
    return x;
  }
}
