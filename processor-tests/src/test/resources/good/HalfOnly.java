package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.multiply;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;

/** A parameter without a master copy, read in both precisions. */
@Half
@SuppressWarnings("mezzo:HalfParameterWithoutMaster")
public record HalfOnly(Parameter gain) {
  public Tensor forward(Tensor x) {
    return add(exp(multiply(x, gain)), gain);
  }
}
