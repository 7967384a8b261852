package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MalformedEquation(@MasterFp32 Parameter weight) {
  static final String TWICE = "bb,bo->bo";

  Tensor forward(Tensor x) {
    Tensor h = einsum("bi,io->bx", x, weight); // ERROR MalformedEquation: "bi,io
    Tensor g = einsum(TWICE, h, weight); // ERROR MalformedEquation: TWICE
    return einsum(
        "bi,io,bo", // ERROR MalformedEquation: "bi,io,bo"
        g,
        weight);
  }
}
