package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.backend.Ternary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.Layout;

/**
 * Gradients of powers, absolute value, sine and cosine. Each has its operand's shape and element
 * type, is computed in FP32 and rounded once.
 */
public final class PowerGradients {

  private PowerGradients() {}

  /** {@code dy·exponent·x^(exponent − 1)}, 0 for exponent 0; in the element type of x. */
  @Gradient(of = "pow(x, exponent)", wrt = "x", fuse = "powGradient(dy, x, exponent)")
  public static Tensor powGradient(Tensor dy, Tensor x, float exponent) {
    return Elementwise.unaryGradient(
        "powGradient", Unary.of(Unary.Function.POW, exponent), dy, x, x.dtype());
  }

  /** {@code dy·exponent·base^(exponent − 1)}, 0 where the exponent is 0. */
  @Gradient(of = "pow(base, exponent)", wrt = "base", fuse = "baseGradient(dy, base, exponent)")
  public static Tensor powGradientBase(Tensor dy, Tensor base, Tensor exponent) {
    return Elementwise.ternaryGradient(
        "powGradientBase", Ternary.BASE_GRADIENT, dy, base, exponent, base.layout());
  }

  /** {@code dy·base^exponent·log base}; 0 where the base is 0 and the exponent at least 0. */
  @Gradient(
      of = "pow(base, exponent)",
      wrt = "exponent",
      fuse = "exponentGradient(dy, base, exponent)")
  public static Tensor powGradientExponent(Tensor dy, Tensor base, Tensor exponent) {
    return Elementwise.ternaryGradient(
        "powGradientExponent", Ternary.EXPONENT_GRADIENT, dy, base, exponent, exponent.layout());
  }

  /** {@code 2·x·dy}, in the element type of x. */
  @Gradient(of = "square", wrt = "x", fuse = "squareGradient(dy, x)")
  public static Tensor squareGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient(
        "squareGradient", Unary.of(Unary.Function.SQUARE), dy, x, x.dtype());
  }

  /** {@code dy/(2·y)}: ±Inf at 0. */
  @Gradient(of = "sqrt", wrt = "x", fuse = "sqrtGradient(dy, y)")
  public static Tensor sqrtGradient(Tensor dy, Tensor y) {
    return Elementwise.unaryGradient(
        "sqrtGradient", Unary.of(Unary.Function.SQRT), dy, y, y.dtype());
  }

  /** {@code −½·dy·y³}, in the element type of x. */
  @Gradient(of = "rsqrt", wrt = "x", fuse = "rsqrtGradient(dy, y)")
  public static Tensor rsqrtGradient(Tensor dy, Tensor y, Layout x) {
    return Elementwise.unaryGradient(
        "rsqrtGradient", Unary.of(Unary.Function.RSQRT), dy, y, x.dtype());
  }

  /** {@code −dy·y²}, in the element type of x. */
  @Gradient(of = "reciprocal", wrt = "x", fuse = "reciprocalGradient(dy, y)")
  public static Tensor reciprocalGradient(Tensor dy, Tensor y, Layout x) {
    return Elementwise.unaryGradient(
        "reciprocalGradient", Unary.of(Unary.Function.RECIPROCAL), dy, y, x.dtype());
  }

  /** {@code dy·sign(x)}: 0 at 0. */
  @Gradient(of = "abs", wrt = "x", fuse = "absGradient(dy, x)")
  public static Tensor absGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient("absGradient", Unary.of(Unary.Function.ABS), dy, x, x.dtype());
  }

  /** {@code dy·cos x}. */
  @Gradient(of = "sin", wrt = "x", fuse = "sinGradient(dy, x)")
  public static Tensor sinGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient("sinGradient", Unary.of(Unary.Function.SIN), dy, x, x.dtype());
  }

  /** {@code −dy·sin x}. */
  @Gradient(of = "cos", wrt = "x", fuse = "cosGradient(dy, x)")
  public static Tensor cosGradient(Tensor dy, Tensor x) {
    return Elementwise.unaryGradient("cosGradient", Unary.of(Unary.Function.COS), dy, x, x.dtype());
  }

  /** {@code −dy}. */
  @Gradient(of = "negate", wrt = "x", fuse = "-dy")
  public static Tensor negateGradient(Tensor dy) {
    return Elementwise.scale(dy, -1);
  }
}
