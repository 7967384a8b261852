package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@MasterFp32
record MasterOnNonParameter(float[] factors, Parameter bias) {
  Tensor forward(Tensor x) {
    return add(scale(x, factors[0]), bias);
  }
}

class NoLayer {
  @MasterFp32 Parameter weight;
}
