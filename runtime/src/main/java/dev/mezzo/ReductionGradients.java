package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;

/**
 * Gradients of sums and of what is computed along the last dimension. Each has its operand's shape
 * and element type, is computed in FP32 and rounded once.
 */
public final class ReductionGradients {

  private ReductionGradients() {}

  /** {@code y·(dy − Σ dy·y)} along the last dimension. */
  @Gradient(of = "softmax", wrt = "x")
  public static Tensor softmaxGradient(Tensor dy, Tensor y) {
    return Reductions.softmaxGradient("softmaxGradient", dy, y, y.dtype(), false);
  }

  /** {@code dy − eʸ·Σ dy} along the last dimension, in the element type of x. */
  @Gradient(of = "logSoftmax", wrt = "x")
  public static Tensor logSoftmaxGradient(Tensor dy, Tensor y, Layout x) {
    return Reductions.softmaxGradient("logSoftmaxGradient", dy, y, x.dtype(), true);
  }

  /** dy, repeated. */
  @Gradient(of = "sum(x)", wrt = "x")
  public static Tensor sumGradient(Tensor dy, Layout x) {
    return Reductions.spread(dy, Shape.of(), 1, x);
  }

  /** dy, repeated along {@code axis}. */
  @Gradient(of = "sum(x, axis)", wrt = "x")
  public static Tensor sumGradient(Tensor dy, Layout x, int axis) {
    return Reductions.spread(dy, one(x.shape(), axis), 1, x);
  }

  /** {@code dy/n}, repeated. */
  @Gradient(of = "mean(x)", wrt = "x")
  public static Tensor meanGradient(Tensor dy, Layout x) {
    return Reductions.spread(dy, Shape.of(), 1f / x.shape().size(), x);
  }

  /** {@code dy/n}, repeated along {@code axis}. */
  @Gradient(of = "mean(x, axis)", wrt = "x")
  public static Tensor meanGradient(Tensor dy, Layout x, int axis) {
    float factor = 1f / x.shape().dim(axis);
    return Reductions.spread(dy, one(x.shape(), axis), factor, x);
  }

  /** dy, repeated along {@code axes}. */
  @Gradient(of = "sum(x, axes, keepDims)", wrt = "x")
  public static Tensor sumGradient(Tensor dy, Layout x, int[] axes) {
    return AxesReductions.sumGradient(dy, x, axes, 1);
  }

  /** {@code dy/n}, repeated along {@code axes}. */
  @Gradient(of = "mean(x, axes, keepDims)", wrt = "x")
  public static Tensor meanGradient(Tensor dy, Layout x, int[] axes) {
    return AxesReductions.sumGradient(dy, x, axes, 1f / AxesReductions.count(x.shape(), axes));
  }

  /** dy to the greatest element, in equal shares where there are several, as PyTorch's amax. */
  @Gradient(of = "max", wrt = "x")
  public static Tensor maxGradient(Tensor dy, Tensor y, Tensor x, int[] axes) {
    return AxesReductions.extremeGradient("maxGradient", dy, y, x, axes);
  }

  /** dy to the least element, in equal shares where there are several, as PyTorch's amin. */
  @Gradient(of = "min", wrt = "x")
  public static Tensor minGradient(Tensor dy, Tensor y, Tensor x, int[] axes) {
    return AxesReductions.extremeGradient("minGradient", dy, y, x, axes);
  }

  /** {@code 2/(n − correction)·dy·(x − mean)}. */
  @Gradient(of = "variance", wrt = "x")
  public static Tensor varianceGradient(Tensor dy, Tensor x, int[] axes, int correction) {
    return AxesReductions.varianceGradient(dy, x, axes, correction);
  }

  private static Shape one(Shape shape, int axis) {
    int[] dims = shape.dims();
    dims[shape.axis(axis)] = 1;
    return Shape.of(dims);
  }
}
