package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.Layout;

/**
 * Gradients of what takes one of several numbers. Each has its operand's shape and element type, is
 * computed in FP32 and rounded once.
 */
public final class SelectionGradients {

  private SelectionGradients() {}

  /** {@code least ≤ x ≤ most ? dy : 0}: at the bounds dy, as in PyTorch; 0 where x is NaN. */
  @Gradient(of = "clamp", wrt = "x", fuse = "clampGradient(dy, x, least, most)")
  public static Tensor clampGradient(Tensor dy, Tensor x, float least, float most) {
    return Elementwise.unaryGradient(
        "clampGradient",
        Elementwise.bounds("clampGradient", Unary.Function.CLAMP, least, most),
        dy,
        x,
        x.dtype());
  }

  /** dy where a was greater, half of it where the two were equal, as in PyTorch. */
  @Gradient(of = "maximum", wrt = "a", fuse = "maximumGradient(dy, a, b)")
  public static Tensor maximumGradientA(Tensor dy, Tensor a, Tensor b) {
    return gradient("maximumGradientA", Ternary.MAXIMUM_GRADIENT, dy, a, b);
  }

  /** dy where b was greater, half of it where the two were equal, as in PyTorch. */
  @Gradient(of = "maximum", wrt = "b", fuse = "maximumGradient(dy, b, a)")
  public static Tensor maximumGradientB(Tensor dy, Tensor a, Tensor b) {
    return gradient("maximumGradientB", Ternary.MAXIMUM_GRADIENT, dy, b, a);
  }

  /** dy where a was smaller, half of it where the two were equal, as in PyTorch. */
  @Gradient(of = "minimum", wrt = "a", fuse = "minimumGradient(dy, a, b)")
  public static Tensor minimumGradientA(Tensor dy, Tensor a, Tensor b) {
    return gradient("minimumGradientA", Ternary.MINIMUM_GRADIENT, dy, a, b);
  }

  /** dy where b was smaller, half of it where the two were equal, as in PyTorch. */
  @Gradient(of = "minimum", wrt = "b", fuse = "minimumGradient(dy, b, a)")
  public static Tensor minimumGradientB(Tensor dy, Tensor a, Tensor b) {
    return gradient("minimumGradientB", Ternary.MINIMUM_GRADIENT, dy, b, a);
  }

  /** dy where a was taken, 0 elsewhere, summed over the dimensions along which a was repeated. */
  @Gradient(of = "where", wrt = "a")
  public static Tensor whereGradientA(Tensor dy, Tensor condition, Layout a) {
    return Elementwise.whereGradient(dy, condition, a, true);
  }

  /** dy where b was taken, 0 elsewhere, summed over the dimensions along which b was repeated. */
  @Gradient(of = "where", wrt = "b")
  public static Tensor whereGradientB(Tensor dy, Tensor condition, Layout b) {
    return Elementwise.whereGradient(dy, condition, b, false);
  }

  private static Tensor gradient(
      String operation, Ternary function, Tensor dy, Tensor operand, Tensor other) {
    Checks.isFloat(operation, dy);
    return Elementwise.ternaryGradient(operation, function, dy, operand, other, operand.layout());
  }
}
