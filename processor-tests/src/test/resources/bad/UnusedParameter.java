package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@MasterFp32
final class UnusedParameter {
  final Parameter weight;
  final Parameter bias; // WARNING UnusedParameter: bias

  UnusedParameter(Parameter weight, Parameter bias) {
    this.weight = weight;
    this.bias = bias;
  }

  Tensor forward(Tensor x) {
    return matmul(x, weight);
  }

  Parameter bias() {
    return bias;
  }
}
