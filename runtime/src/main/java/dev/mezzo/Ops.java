package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.ShapeException;

/** The operations. They borrow their operands and return a new tensor, which the caller owns. */
public final class Ops {

  private Ops() {}

  /**
   * {@code x} as {@code dtype}, rounded to nearest, ties to even; {@code x} itself, retained, where
   * it is that already.
   */
  public static Tensor cast(Tensor x, DType dtype) {
    if (x.dtype() == dtype) {
      return x.retain();
    }
    if (!x.dtype().isFloat() || !dtype.isFloat()) {
      throw new ShapeException(
          "cast: " + x.dtype() + " to " + dtype + "; only float types are cast into each other");
    }
    Tensor y = Tensor.allocate(x.device(), x.shape(), dtype);
    try (Tensor rowMajor = x.contiguous()) {
      x.device().backend().cast(rowMajor.operand(), y.operand());
    }
    return y;
  }
}
