package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import dev.mezzo.Tape;
import dev.mezzo.types.Layout;

class MalformedGradient {
  @Op(value = PrecisionClass.FOLLOW, gradients = Rules.class)
  public static Tensor bend(Tensor x, float angle) {
    return x.retain();
  }

  @Op(value = PrecisionClass.FOLLOW, gradients = Rules.class)
  public static Tensor bend(Tensor x, int axis, float angle) {
    return x.retain();
  }

  static class Rules {
    @Gradient(of = "bend(x, angle)", wrt = "x")
    public static Tensor bendGradient(Tape tape, Tensor dy, Tensor y, float angle) {
      return dy.retain();
    }

    @Gradient(of = "bend", wrt = "x")
    public static Tensor bendGradient(Tensor dy, Layout x, int axis) {
      return dy.retain();
    }
  }
}
