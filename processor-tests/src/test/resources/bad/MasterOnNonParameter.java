package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MasterOnNonParameter(@MasterFp32 float[] weight, @MasterFp32 Parameter bias) { // ERROR MasterOnNonParameter: @MasterFp32
  Tensor forward(Tensor x) {
    return add(x, bias);
  }
}

@Half
@MasterFp32
record Keeping(Parameter weight, @MasterFp32 State mean, State variance) { // ERROR MasterOnNonParameter: @MasterFp32
  Tensor forward(Tensor x) {
    return batchNorm(x, weight, weight, mean, variance, 0.1f, 0.01f);
  }
}

class NoLayer {
  @MasterFp32 Tensor weight; // ERROR MasterOnNonParameter: @MasterFp32
}
