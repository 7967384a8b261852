package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@MasterFp32
final class ReassignedParameter {
  Parameter weight; // ERROR ReassignedParameter: weight
  Parameter bias;
  Scaled scaled = new Scaled();

  ReassignedParameter(Parameter weight, Parameter bias) {
    this.weight = weight;
    this.bias = bias;
  }

  Tensor forward(Tensor x) {
    bias = weight; // ERROR ReassignedParameter: =
    return scaled.forward(linear(x, weight, bias));
  }

  void replace(Scaled other) {
    this.scaled = other; // ERROR ReassignedParameter: =
  }

  @Half
  record Scaled() {
    Tensor forward(Tensor x) {
      return scale(x, 2f);
    }
  }
}
