package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record HalfParameterWithoutMaster(Parameter weight, @MasterFp32 Parameter bias) { // WARNING HalfParameterWithoutMaster: weight
  Tensor forward(Tensor x) {
    return linear(x, weight, bias);
  }
}
