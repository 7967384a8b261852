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

  /**
   * How a kernel reads a and b, contiguous, for a result of {@code shape}; neighbouring dimensions
   * are merged.
   */
  static Broadcast plan(Shape shape, Shape a, Shape b) {
    int rank = shape.rank();
    long[] aSteps = strides(a, rank);
    long[] bSteps = strides(b, rank);
    int[] dims = new int[Math.max(rank, 1)];
    long[] aStrides = new long[dims.length];
    long[] bStrides = new long[dims.length];
    int first = dims.length; // filled from the last dimension on
    for (int axis = rank - 1; axis >= 0; axis--) {
      int dim = shape.dim(axis);
      if (dim == 1) {
        continue;
      }
      boolean merges =
          first < dims.length
              && aSteps[axis] == aStrides[first] * dims[first]
              && bSteps[axis] == bStrides[first] * dims[first]
              && (long) dim * dims[first] <= Integer.MAX_VALUE;
      if (merges) {
        dims[first] *= dim;
      } else {
        first--;
        dims[first] = dim;
        aStrides[first] = aSteps[axis];
        bStrides[first] = bSteps[axis];
      }
    }
    if (first == dims.length) { // one element
      return new Broadcast(new int[] {1}, new long[] {1}, new long[] {1});
    }
    return new Broadcast(tail(dims, first), tail(aStrides, first), tail(bStrides, first));
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

  private static int[] tail(int[] values, int from) {
    return Arrays.copyOfRange(values, from, values.length);
  }

  private static long[] tail(long[] values, int from) {
    return Arrays.copyOfRange(values, from, values.length);
  }
}
