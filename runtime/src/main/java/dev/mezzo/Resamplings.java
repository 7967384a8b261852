package dev.mezzo;

import dev.mezzo.backend.Resampling;
import dev.mezzo.backend.Resampling.Mode;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;

/** Images in another size, and the kernels' calls behind them. */
final class Resamplings {

  private Resamplings() {}

  static Mode bilinear(boolean alignCorners) {
    return alignCorners ? Mode.BILINEAR_CORNERS : Mode.BILINEAR;
  }

  static Tensor forward(String operation, Mode mode, Tensor x, int height, int width) {
    Checks.isFloat(operation, x);
    Resampling resampling = resampling(operation, mode, x.shape(), height, width);
    Shape shape = Shape.of(x.shape().dim(0), height, width, x.shape().dim(3));
    Tensor y = Tensor.allocate(x.device(), shape, x.dtype());
    try (Tensor in = x.contiguous()) {
      x.device().backend().resampling().forward(resampling, in.operand(), y.operand());
    }
    return y;
  }

  static Tensor gradient(String operation, Mode mode, Tensor dy, Layout x) {
    Checks.isFloat(operation, dy);
    Checks.isDifferentiable(operation, x);
    boolean fits =
        dy.shape().rank() == 4
            && x.shape().rank() == 4
            && dy.shape().dim(0) == x.shape().dim(0)
            && dy.shape().dim(3) == x.shape().dim(3);
    if (!fits) {
      throw new ShapeException(
          "%s: %s is no result of %s".formatted(operation, dy.shape(), x.shape()));
    }
    Resampling resampling =
        resampling(operation, mode, x.shape(), dy.shape().dim(1), dy.shape().dim(2));
    Tensor dx = Tensor.allocate(dy.device(), x.shape(), x.dtype());
    try (Tensor from = dy.contiguous()) {
      dy.device().backend().resampling().gradient(resampling, from.operand(), dx.operand());
    }
    return dx;
  }

  private static Resampling resampling(
      String operation, Mode mode, Shape x, int height, int width) {
    if (x.rank() != 4 || x.dim(1) == 0 || x.dim(2) == 0 || height < 1 || width < 1) {
      throw new ShapeException(
          "%s: x %s to %d by %d pixels: x must be (batch, height, width, channels), with a pixel at least, and so must the result"
              .formatted(operation, x, height, width));
    }
    Checks.count(operation, x, 0, 2);
    Checks.count(operation, x, 2, 4);
    Checks.count(operation, Shape.of(x.dim(0), height), 0, 2);
    Checks.count(operation, Shape.of(width, x.dim(3)), 0, 2);
    return new Resampling(x.dim(0), x.dim(1), x.dim(2), x.dim(3), height, width, mode);
  }
}
