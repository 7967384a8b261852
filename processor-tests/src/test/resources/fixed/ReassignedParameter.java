package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@MasterFp32
final class ReassignedParameter {
  final Parameter weight;
  final Parameter value; // as the element that @Dims("n") assigns
  float factor = 1;

  ReassignedParameter(Parameter weight, Parameter value) {
    this.weight = weight;
    this.value = value;
  }

  @Dims("n, out")
  Tensor forward(@Dims("n, in") Tensor x) {
    return scale(add(matmul(x, weight), value), factor);
  }

  void set(float weight) {
    factor = weight;
  }
}
