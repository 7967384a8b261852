package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MasterOnNonParameter(@MasterFp32 float[] weight, @MasterFp32 Parameter bias) { // ERROR MasterOnNonParameter: @MasterFp32
  Tensor forward(Tensor x) {
    return add(x, bias);
  }
}

class NoLayer {
  @MasterFp32 Tensor weight; // ERROR MasterOnNonParameter: @MasterFp32
}
