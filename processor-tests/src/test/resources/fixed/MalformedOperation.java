package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import dev.mezzo.Tape;

class MalformedOperation {
  @Op(PrecisionClass.FOLLOW)
  public static Tensor noisy(Tensor x, float... bounds) {
    return x.retain();
  }

  public static Tensor noisy(Tape tape, Tensor x, float... bounds) {
    return x.retain();
  }
}
