package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MalformedDims(@Dims("in, 2*n") @MasterFp32 Parameter weight, int n) {
  @Dims({"batch", "2*n"})
  Tensor forward(@Dims({"batch", "in"}) Tensor x) {
    return matmul(scale(x, n), weight);
  }
}
