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
    return einsumGradientA(GradientSum.none(), dy, b, a, spec);
  }

  /** {@link #einsumGradientA(Tensor, Tensor, Layout, String)}, added to the sum. */
  public static Tensor einsumGradientA(
      GradientSum sum, Tensor dy, Tensor b, Layout a, String spec) {
    return Einsum.parse(spec).gradient(sum, dy, b, a);
  }

  /** dy and a, summed to the dimensions of b; repeated along those that b alone had. */
  @Gradient(of = "einsum", wrt = "b")
  public static Tensor einsumGradientB(Tensor dy, Tensor a, Layout b, String spec) {
    return einsumGradientB(GradientSum.none(), dy, a, b, spec);
  }

  /** {@link #einsumGradientB(Tensor, Tensor, Layout, String)}, added to the sum. */
  public static Tensor einsumGradientB(
      GradientSum sum, Tensor dy, Tensor a, Layout b, String spec) {
    return Einsum.parse(spec).exchanged().gradient(sum, dy, a, b);
  }
}
