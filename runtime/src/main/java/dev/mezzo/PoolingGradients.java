package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Pooling;
import dev.mezzo.types.Shape;

/** Gradients of the poolings, in their operand's shape and element type, rounded once. */
public final class PoolingGradients {

  private PoolingGradients() {}

  /** Each element of dy, where its window's greatest stands: found again, not saved. */
  @Gradient(of = "maxPool2d", wrt = "x")
  public static Tensor maxPool2dGradient(Tensor dy, Tensor x, Pooling window) {
    return Poolings.maxGradient(dy, x, window);
  }

  /** Each element of dy, divided among its window. */
  @Gradient(of = "averagePool2d", wrt = "x")
  public static Tensor averagePool2dGradient(Tensor dy, Layout x, Pooling window) {
    return Poolings.averageGradient("averagePool2dGradient", dy, x, window);
  }

  /** Each element of dy, divided among the image. */
  @Gradient(of = "globalAveragePool", wrt = "x")
  public static Tensor globalAveragePoolGradient(Tensor dy, Layout x) {
    String operation = "globalAveragePoolGradient";
    Pooling window = Poolings.whole(operation, x.shape());
    Shape image = Shape.of(x.shape().dim(0), 1, 1, x.shape().dim(3));
    try (Tensor pixel = Views.reshape(dy, image)) {
      return Poolings.averageGradient(operation, pixel, x, window);
    }
  }
}
