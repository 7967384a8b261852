package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;

import dev.mezzo.ElementwiseGradients;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.annotations.Op;
import dev.mezzo.annotations.PrecisionClass;
import dev.mezzo.layers.Linear;

/** An operation whose gradients come from one method: of a value, of a parameter, of an input. */
@Half
public record Joint(Linear key, @MasterFp32 Parameter gain) {
  public Tensor forward(Tensor x, Tensor shift) {
    return add(product(key.forward(x), gain, shift), shift);
  }

  /** a·b + c, of equal shapes but for b. */
  @Op(PrecisionClass.FOLLOW)
  static Tensor product(Tensor a, Tensor b, Tensor c) {
    try (Tensor product = multiply(a, b)) {
      return add(product, c);
    }
  }

  @Gradient(of = "product", wrt = {"a", "b", "c"})
  static Tensor[] productGradient(Tensor dy, Tensor a, Tensor b, boolean wantDc) {
    return new Tensor[] {
      ElementwiseGradients.multiplyGradientA(dy, b, a.layout()),
      ElementwiseGradients.multiplyGradientB(dy, a, b.layout()),
      wantDc ? dy.retain() : null
    };
  }
}
