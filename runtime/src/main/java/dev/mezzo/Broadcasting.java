package dev.mezzo;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;

/**
 * Aligns shapes at their last dimensions; a dimension of 1, or one that is not there, is repeated.
 */
final class Broadcasting {

  private Broadcasting() {}

  /** The shape of the result. */
  static Shape shape(String operation, Shape a, Shape b) {
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    for (int axis = 0; axis < rank; axis++) {
      int left = dim(a, axis, rank);
      int right = dim(b, axis, rank);
      if (left != right && left != 1 && right != 1) {
        throw new ShapeException(
            "%s: %s and %s; aligned at the last dimension, dimensions must be equal or one of them 1, but %d and %d are not"
                .formatted(operation, a, b, left, right));
      }
      dims[axis] = left == 1 ? right : left;
    }
    return Shape.of(dims);
  }

  /** The shape of three operands' result. */
  static Shape shape(String operation, Shape a, Shape b, Shape c) {
    return shape(operation, shape(operation, a, b), c);
  }

  /**
   * How a kernel reads operands, contiguous, for a result of {@code shape}; neighbouring dimensions
   * are merged.
   */
  static Broadcast plan(Shape shape, Shape... operands) {
    int rank = shape.rank();
    int[] dims = new int[Math.max(rank, 1)];
    long[][] steps = new long[operands.length][];
    long[][] strides = new long[operands.length][dims.length];
    for (int i = 0; i < operands.length; i++) {
      steps[i] = strides(operands[i], rank);
    }
    int first = dims.length; // filled from the last dimension on
    for (int axis = rank - 1; axis >= 0; axis--) {
      int dim = shape.dim(axis);
      if (dim == 1) {
        continue;
      }
      if (merges(steps, axis, strides, dims, first, dim)) {
        dims[first] *= dim;
      } else {
        first--;
        dims[first] = dim;
        for (int i = 0; i < operands.length; i++) {
          strides[i][first] = steps[i][axis];
        }
      }
    }
    if (first == dims.length) { // one element
      first--;
      dims[first] = 1;
      for (long[] one : strides) {
        one[first] = 1;
      }
    }
    int from = first;
    return new Broadcast(
        Arrays.copyOfRange(dims, from, dims.length),
        Arrays.stream(strides)
            .map(one -> Arrays.copyOfRange(one, from, one.length))
            .toArray(long[][]::new));
  }

  private static boolean merges(
      long[][] steps, int axis, long[][] strides, int[] dims, int first, int dim) {
    if (first == dims.length || (long) dim * dims[first] > Integer.MAX_VALUE) {
      return false;
    }
    for (int i = 0; i < steps.length; i++) {
      if (steps[i][axis] != strides[i][first] * dims[first]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Elements from one index to the next along each dimension of the result; 0 where the operand is
   * repeated.
   */
  static long[] strides(Shape operand, int rank) {
    long[] strides = new long[rank];
    long stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      int dim = dim(operand, axis, rank);
      strides[axis] = dim == 1 ? 0 : stride;
      stride *= dim;
    }
    return strides;
  }

  /** Dimension {@code axis} of {@code shape} with ones in front up to {@code rank}. */
  static int dim(Shape shape, int axis, int rank) {
    int missing = rank - shape.rank();
    return axis < missing ? 1 : shape.dim(axis - missing);
  }
}
