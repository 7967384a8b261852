package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.multiply;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

/** A weight that is read in half and in full, and one that is read in full alone. */
@Half
@MasterFp32
public record BothPrecisions(Parameter gain, Parameter offset) {
  public Tensor forward(Tensor x) {
    Tensor e = exp(multiply(x, gain));
    return add(add(e, gain), offset);
  }
}
