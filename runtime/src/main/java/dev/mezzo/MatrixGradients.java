package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.Layout;
import dev.mezzo.types.ShapeException;
import org.jspecify.annotations.Nullable;

/**
 * Gradients of the matrix products. Each has its operand's shape and element type, is computed with
 * FP32 accumulation, and rounded once. Where the operand was a transposed view the gradient is one
 * too, of memory in the operand's own order.
 */
public final class MatrixGradients {

  private static final Fused GELU_GRADIENT = Fused.of("(dh, x) -> geluGradient(dh, x)");

  private MatrixGradients() {}

  /** {@code dy·bᵀ}, summed over the dimensions along which a was repeated. */
  @Gradient(of = "matmul", wrt = "a")
  public static Tensor matmulGradientA(Tensor dy, Tensor b, Layout a) {
    return matmulGradientA(GradientSum.none(), dy, b, a);
  }

  /** {@link #matmulGradientA(Tensor, Tensor, Layout)}, added to the sum. */
  public static Tensor matmulGradientA(GradientSum sum, Tensor dy, Tensor b, Layout a) {
    check("matmulGradientA", dy, b, 2);
    Checks.isDifferentiable("matmulGradientA", a);
    BatchedProduct stored =
        a.transposed()
            ? BatchedProduct.of(b, false, dy, true)
            : BatchedProduct.of(dy, false, b, true);
    return sum.add(dy.device(), a, stored::into);
  }

  /** {@code aᵀ·dy}, summed over the dimensions along which b was repeated. */
  @Gradient(of = "matmul", wrt = "b")
  public static Tensor matmulGradientB(Tensor dy, Tensor a, Layout b) {
    return matmulGradientB(GradientSum.none(), dy, a, b);
  }

  /** {@link #matmulGradientB(Tensor, Tensor, Layout)}, added to the sum. */
  public static Tensor matmulGradientB(GradientSum sum, Tensor dy, Tensor a, Layout b) {
    check("matmulGradientB", dy, a, 2);
    Checks.isDifferentiable("matmulGradientB", b);
    BatchedProduct stored =
        b.transposed()
            ? BatchedProduct.of(dy, true, a, false)
            : BatchedProduct.of(a, true, dy, false);
    return sum.add(dy.device(), b, stored::into);
  }

  /** {@code dy·weight}. */
  @Gradient(of = "linear", wrt = "x")
  public static Tensor linearGradientX(Tensor dy, Tensor weight, Layout x) {
    return linearGradientX(GradientSum.none(), dy, weight, x);
  }

  /** {@link #linearGradientX(Tensor, Tensor, Layout)}, added to the sum. */
  public static Tensor linearGradientX(GradientSum sum, Tensor dy, Tensor weight, Layout x) {
    check("linearGradientX", dy, weight, 1);
    Checks.isDifferentiable("linearGradientX", x);
    return MatrixProducts.linearGradientX(sum, dy, weight, x.shape(), x.dtype());
  }

  /** {@code dyᵀ·x}, over all rows. */
  @Gradient(of = "linear", wrt = "weight")
  public static Tensor linearGradientWeight(Tensor dy, Tensor x) {
    return linearGradientWeight(GradientSum.none(), dy, x);
  }

  /** {@link #linearGradientWeight(Tensor, Tensor)}, added to the sum. */
  public static Tensor linearGradientWeight(GradientSum sum, Tensor dy, Tensor x) {
    Checks.isFloat("linearGradientWeight", dy, x);
    return MatrixProducts.linearGradientWeight(sum, dy, x);
  }

  /** dy summed over all rows. */
  @Gradient(of = "linear", wrt = "bias")
  public static Tensor linearGradientBias(Tensor dy, Layout bias) {
    return linearGradientBias(GradientSum.none(), dy, bias);
  }

  /** {@link #linearGradientBias(Tensor, Layout)}, added to the sum. */
  public static Tensor linearGradientBias(GradientSum sum, Tensor dy, Layout bias) {
    return Reductions.unbroadcast(sum, dy, bias, 1);
  }

  /**
   * With h = gelu(x), again: {@code gelu′(x)·(dy·weight)}, {@code dyᵀ·h}, and dy summed over rows.
   */
  @Gradient(
      of = "geluLinear",
      wrt = {"x", "weight", "bias"})
  public static @Nullable Tensor[] geluLinearGradient(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Layout bias,
      boolean wantDx,
      GradientSum dWeight,
      GradientSum dBias) {
    Tensor ofBias = linearGradientBias(dBias, dy, bias);
    Tensor ofWeight;
    try (Tensor h = Ops.gelu(x)) {
      ofWeight = linearGradientWeight(dWeight, dy, h);
    }
    if (!wantDx) {
      return new @Nullable Tensor[] {null, ofWeight, ofBias};
    }
    Tensor dh = linearGradientX(dy, weight, x.layout());
    return new Tensor[] {GELU_GRADIENT.on(dh, x).reusing(dh).as(x.dtype()), ofWeight, ofBias};
  }

  private static void check(String operation, Tensor dy, Tensor operand, int least) {
    Checks.isFloat(operation, dy, operand);
    if (dy.shape().rank() < least || operand.shape().rank() < 2) {
      throw new ShapeException(
          operation
              + ": dy "
              + dy.shape()
              + " and operand "
              + operand.shape()
              + " do not belong together");
    }
  }
}
