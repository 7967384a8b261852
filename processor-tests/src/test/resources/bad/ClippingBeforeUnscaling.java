package bad;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

final class ClippingBeforeUnscaling {
  @Op(FOLLOW)
  static Tensor through(Tensor x) {
    return x;
  }

  @Gradient(of = "through", wrt = "x")
  static Tensor throughGradient(Tensor dy) {
    return clamp(dy, -1, 1); // WARNING ClippingBeforeUnscaling: (dy, -1
  }

  @Op(FOLLOW)
  static Tensor weighted(Tensor x) {
    return x;
  }

  @Gradient(of = "weighted", wrt = "x")
  static Tensor weightedGradient(Tensor dy, Tensor x) {
    Tensor product = multiply(dy, x);
    product = scale(product, 2);
    return clamp(product, -1, 1); // WARNING ClippingBeforeUnscaling: (product, -1
  }

  @Op(FOLLOW)
  static Tensor gated(Tensor x) {
    return x;
  }

  @Gradient(of = "gated", wrt = "x")
  static Tensor gatedGradient(Tensor dy, Tensor x) {
    Tensor gate = clamp(x, 0, 1);
    return multiply(dy, gate);
  }

  @Op(value = FOLLOW, range = "min(max(x, least), greatest)")
  static Tensor clamp(Tensor x, float least, float greatest) {
    return x;
  }
}

