package dev.mezzo;

import dev.mezzo.backend.Comparison;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;

/** Comparisons and the kernel's calls behind them. */
final class Comparisons {

  private Comparisons() {}

  static Tensor compare(String operation, Comparison function, Tensor a, Tensor b) {
    Checks.sameDevice(operation, a, b);
    if (a.dtype().isFloat() != b.dtype().isFloat()) {
      throw new ShapeException(
          "%s: %s is %s and %s is %s; a float is compared with a float, INT32 with INT32"
              .formatted(operation, a.shape(), a.dtype(), b.shape(), b.dtype()));
    }
    Shape shape = Broadcasting.shape(operation, a.shape(), b.shape());
    Tensor y = Tensor.allocate(a.device(), shape, DType.INT32);
    if (shape.size() > 0) {
      try (Tensor left = a.contiguous();
          Tensor right = b.contiguous()) {
        a.device()
            .backend()
            .compare(
                function,
                left.operand(),
                right.operand(),
                y.operand(),
                Broadcasting.plan(shape, a.shape(), b.shape()));
      }
    }
    return y;
  }

  static Tensor compare(String operation, Comparison function, Tensor x, float value) {
    try (Tensor number = number(operation, x, value)) {
      return compare(operation, function, x, number);
    }
  }

  /** f(value, x). */
  static Tensor compareTurned(String operation, Comparison function, Tensor x, float value) {
    try (Tensor number = number(operation, x, value)) {
      return compare(operation, function, number, x);
    }
  }

  private static Tensor number(String operation, Tensor x, float value) {
    if (x.dtype().isFloat()) {
      return Tensor.allocate(x.device(), Shape.of(), DType.FP32).fill(value);
    }
    if (value != (int) value) {
      throw new IllegalArgumentException(
          "%s: INT32 is compared with whole numbers, not with %s".formatted(operation, value));
    }
    return Tensor.allocate(x.device(), Shape.of(), DType.INT32).copyFrom(new int[] {(int) value});
  }
}
