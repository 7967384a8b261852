package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@MasterFp32
final class UnusedParameter {
  final Parameter weight;
  final Parameter bias;

  @SuppressWarnings({"unused", "mezzo:UnusedParameter"})
  final Parameter spare;

  UnusedParameter(Parameter weight, Parameter bias) {
    this.weight = weight;
    this.bias = bias;
    this.spare = bias;
  }

  Tensor forward(Tensor x) {
    return shifted(matmul(x, weight));
  }

  private Tensor shifted(Tensor x) {
    Parameter b = bias;
    return add(x, b);
  }
}
