package dev.mezzo.types;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The dimensions of a tensor, outermost first. Immutable. {@code Shape.of()} is a scalar's. A
 * dimension may be 0.
 *
 * <p>A dimension is an {@code int}; the number of elements is a {@code long} and is checked not to
 * overflow.
 */
public final class Shape {

  private final int[] dims;
  private final long size;

  private Shape(int[] dims) {
    long product = 1;
    for (int dim : dims) {
      if (dim < 0) {
        throw new ShapeException("shape " + Arrays.toString(dims) + " has a negative dimension");
      }
      if (dim != 0 && product > Long.MAX_VALUE / dim) {
        throw new ShapeException(
            "shape " + Arrays.toString(dims) + " has more elements than a long counts");
      }
      product *= dim;
    }
    this.dims = dims;
    this.size = product;
  }

  /** The shape with the given dimensions. */
  public static Shape of(int... dims) {
    return new Shape(dims.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** Dimension {@code axis}; a negative axis counts from the end. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** {@code axis} counted from the start; a negative axis counts from the end. */
  public int axis(int axis) {
    int counted = axis < 0 ? axis + dims.length : axis;
    if (counted < 0 || counted >= dims.length) {
      throw new ShapeException(
          "axis " + axis + " of shape " + this + ", which has " + dims.length + " dimensions");
    }
    return counted;
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** The dimensions, as a new array. */
  public int[] dims() {
    return dims.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As in {@code (128, 784)}. */
  @Override
  public String toString() {
    return Arrays.stream(dims)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
