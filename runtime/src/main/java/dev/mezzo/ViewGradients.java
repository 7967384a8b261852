package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.Layout;

/** Gradients of views: views of dy. */
public final class ViewGradients {

  private ViewGradients() {}

  /** dy in the shape of x. */
  @Gradient(of = "reshape", wrt = "x")
  public static Tensor reshapeGradient(Tensor dy, Layout x) {
    return Views.reshape(dy, x.shape());
  }

  /** dy transposed. */
  @Gradient(of = "transpose", wrt = "x")
  public static Tensor transposeGradient(Tensor dy) {
    return Views.transpose(dy);
  }
}
