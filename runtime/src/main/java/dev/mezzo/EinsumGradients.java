package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.Layout;

/**
 * Gradients of sums of products by names of dimensions: sums of products again, with the result's
 * names in the place of the operand's.
 */
public final class EinsumGradients {

  private EinsumGradients() {}

  /** dy and b, summed to the dimensions of a; repeated along those that a alone had. */
  @Gradient(of = "einsum", wrt = "a")
  public static Tensor einsumGradientA(Tensor dy, Tensor b, Layout a, String spec) {
    return Einsum.parse(spec).gradient(dy, b, a);
  }

  /** dy and a, summed to the dimensions of b; repeated along those that b alone had. */
  @Gradient(of = "einsum", wrt = "b")
  public static Tensor einsumGradientB(Tensor dy, Tensor a, Layout b, String spec) {
    return Einsum.parse(spec).exchanged().gradient(dy, a, b);
  }
}
