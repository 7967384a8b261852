package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MalformedEquation(@MasterFp32 Parameter weight) {
  static final String ONCE = "ba,ao->bo";

  Tensor forward(Tensor x) {
    Tensor h = einsum("bi,io->bo", x, weight);
    Tensor g = einsum(ONCE, h, weight);
    return einsum("bi, io -> bo", g, weight);
  }
}
