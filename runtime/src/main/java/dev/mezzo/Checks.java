package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;

/** What operations demand of element types and dimensions. */
final class Checks {

  private Checks() {}

  /** Operands of class DENY: any float type each. */
  static void isFloat(String operation, Tensor... operands) {
    for (Tensor operand : operands) {
      if (!operand.dtype().isFloat()) {
        throw new ShapeException(
            "%s: an operand %s is %s, but must be FP32, FP16 or BF16"
                .formatted(operation, operand.shape(), operand.dtype()));
      }
    }
    sameDevice(operation, operands);
  }

  /** The operand whose gradient is asked for. */
  static void isDifferentiable(String operation, Layout operand) {
    if (!operand.dtype().isFloat()) {
      throw new ShapeException(
          "%s: the operand %s is %s, which has no gradient"
              .formatted(operation, operand.shape(), operand.dtype()));
    }
  }

  /** Operands of class ALLOW and FOLLOW: one float type for all, which is returned. */
  static DType oneFloatType(String operation, Tensor... operands) {
    isFloat(operation, operands);
    Tensor first = operands[0];
    for (Tensor operand : operands) {
      if (operand.dtype() != first.dtype()) {
        throw new ShapeException(
            "%s: %s is %s and %s is %s; operands must have one element type, cast one of them"
                .formatted(
                    operation, first.shape(), first.dtype(), operand.shape(), operand.dtype()));
      }
    }
    return first.dtype();
  }

  static void sameDevice(String operation, Tensor... operands) {
    for (Tensor operand : operands) {
      if (operand.device() != operands[0].device()) {
        throw new IllegalArgumentException(
            "%s: operands are on two devices, %s and %s"
                .formatted(operation, operands[0].device(), operand.device()));
      }
    }
  }

  static void sameShape(String operation, Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new ShapeException(
          "%s: %s and %s must be equal".formatted(operation, a.shape(), b.shape()));
    }
  }

  static void rankAtLeast(String operation, int rank, Tensor x) {
    if (x.shape().rank() < rank) {
      throw new ShapeException(
          "%s: %s must have at least %s"
              .formatted(operation, x.shape(), rank == 1 ? "one dimension" : rank + " dimensions"));
    }
  }

  /** The length of dimension {@code axis}, negative from the end. */
  static int axisLength(String operation, Tensor x, int axis) {
    int rank = x.shape().rank();
    if (axis < -rank || axis >= rank) {
      throw new ShapeException(
          "%s: axis %d of %s, which has %d dimensions".formatted(operation, axis, x.shape(), rank));
    }
    return x.shape().dim(axis);
  }

  /** The product of dimensions from, …, to − 1, as kernels count. */
  static int count(String operation, Shape shape, int from, int to) {
    long count = 1;
    for (int axis = from; axis < to; axis++) {
      count *= shape.dim(axis);
      if (count > Integer.MAX_VALUE) {
        throw new ShapeException(
            "%s: %s: dimensions %d to %d have a product above %d, to which kernels count"
                .formatted(operation, shape, from, to - 1, Integer.MAX_VALUE));
      }
    }
    return (int) count;
  }
}
