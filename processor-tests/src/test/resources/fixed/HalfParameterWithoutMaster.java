package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Full
record HalfParameterWithoutMaster(Parameter weight, Parameter bias) {
  Tensor forward(Tensor x) {
    return linear(x, weight, bias);
  }
}

@Half
record Meant(@SuppressWarnings("mezzo:HalfParameterWithoutMaster") Parameter weight) {
  Tensor forward(Tensor x) {
    return matmul(x, weight);
  }
}
