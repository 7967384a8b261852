package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import dev.mezzo.Tape;

class MalformedOperation {
  @Op(PrecisionClass.FOLLOW)
  public static Tensor first(Tensor... parts) {
    return parts[0].retain();
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor[] both(Tensor x) {
    return new Tensor[] {x.retain(), x.retain()};
  }

  @Gradient(of = "both", wrt = "x")
  public static Tensor bothGradient(Tensor[] dy) {
    return add(dy[0], dy[1]);
  }

  @Op(PrecisionClass.FOLLOW)
  public static Tensor noisy(Tensor x, float... bounds) {
    return x.retain();
  }

  public static Tensor noisy(Tape tape, Tensor x, float... bounds) {
    return x.retain();
  }
}
