package dev.mezzo;

import dev.mezzo.backend.PoolingKernels;
import dev.mezzo.backend.PoolingShape;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Pooling;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;

/** Poolings and the kernels' calls behind them. */
final class Poolings {

  private Poolings() {}

  static Tensor max(Tensor x, Pooling window) {
    PoolingShape shape = shape("maxPool2d", x, window);
    Tensor y = result(x, shape);
    try (Tensor in = x.contiguous()) {
      kernels(x).max(shape, in.operand(), y.operand());
    }
    return y;
  }

  static Tensor maxGradient(Tensor dy, Tensor x, Pooling window) {
    PoolingShape shape = shape("maxPool2dGradient", x, window);
    checkResult("maxPool2dGradient", shape, dy);
    Tensor dx = Tensor.allocate(x.device(), x.shape(), x.dtype());
    try (Tensor from = dy.contiguous();
        Tensor in = x.contiguous()) {
      kernels(x).maxGradient(shape, from.operand(), in.operand(), dx.operand());
    }
    return dx;
  }

  static Tensor average(String operation, Tensor x, Pooling window) {
    PoolingShape shape = shape(operation, x, window);
    Tensor y = result(x, shape);
    try (Tensor in = x.contiguous()) {
      kernels(x).average(shape, in.operand(), y.operand());
    }
    return y;
  }

  static Tensor averageGradient(String operation, Tensor dy, Layout x, Pooling window) {
    Checks.isFloat(operation, dy);
    PoolingShape shape = shape(operation, x.shape(), window);
    checkResult(operation, shape, dy);
    Tensor dx = Tensor.allocate(dy.device(), x.shape(), x.dtype());
    try (Tensor from = dy.contiguous()) {
      kernels(dy).averageGradient(shape, from.operand(), dx.operand());
    }
    return dx;
  }

  /** The window that is the whole image. */
  static Pooling whole(String operation, Shape x) {
    if (x.rank() != 4 || x.dim(1) == 0 || x.dim(2) == 0) {
      throw new ShapeException(
          "%s: x %s must be (batch, height, width, channels), with a pixel at least"
              .formatted(operation, x));
    }
    return Pooling.of(x.dim(1), x.dim(2));
  }

  private static PoolingShape shape(String operation, Tensor x, Pooling window) {
    Checks.isFloat(operation, x);
    return shape(operation, x.shape(), window);
  }

  private static PoolingShape shape(String operation, Shape x, Pooling window) {
    if (x.rank() != 4) {
      throw new ShapeException(
          "%s: x %s must be (batch, height, width, channels)".formatted(operation, x));
    }
    return new PoolingShape(x.dim(0), x.dim(1), x.dim(2), x.dim(3), window);
  }

  private static Tensor result(Tensor x, PoolingShape shape) {
    return Tensor.allocate(x.device(), resultShape(shape), x.dtype());
  }

  private static Shape resultShape(PoolingShape shape) {
    return Shape.of(shape.batch(), shape.outHeight(), shape.outWidth(), shape.channels());
  }

  private static void checkResult(String operation, PoolingShape shape, Tensor dy) {
    if (!resultShape(shape).equals(dy.shape())) {
      throw new ShapeException(
          "%s: the result of %s is %s, not %s"
              .formatted(operation, shape, resultShape(shape), dy.shape()));
    }
  }

  private static PoolingKernels kernels(Tensor x) {
    return x.device().backend().poolings();
  }
}
