package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record NameTaken() { // ERROR NameTaken: record
  Tensor forward(Tensor x) {
    return relu(x);
  }
}

class MixedNameTaken {}
