package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;
import dev.mezzo.types.Shape;

@Half
@MasterFp32
final class ReassignedParameter {
  Parameter weight; // ERROR ReassignedParameter: weight
  Parameter bias;
  Scaled scaled = new Scaled();
  State mean = State.filled(Shape.of(2), 0f); // ERROR ReassignedParameter: mean
  final State variance;

  ReassignedParameter(Parameter weight, Parameter bias) {
    this.weight = weight;
    this.bias = bias;
    this.variance = mean;
  }

  Tensor forward(Tensor x) {
    bias = weight; // ERROR ReassignedParameter: =
    Tensor y = batchNorm(x, weight, bias, mean, variance, 0.1f, 0.01f);
    return scaled.forward(linear(y, weight, bias));
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
