package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MalformedDims(@Dims("out,, in") @MasterFp32 Parameter weight, @Dims("n") int n) { // ERROR MalformedDims: @Dims("out // ERROR MalformedDims: @Dims("n")
  static final String NAME = "batch";

  @Dims({"batch", "2 x"}) // ERROR MalformedDims: @Dims
  Tensor forward(
      @Dims(NAME) Tensor x) { // ERROR MalformedDims: @Dims
    return matmul(scale(x, n), weight);
  }
}
