package dev.mezzo;

import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;

/** Other shapes of the same memory. */
final class Views {

  private Views() {}

  static Tensor reshape(Tensor x, Shape shape) {
    if (x.shape().size() != shape.size()) {
      throw new ShapeException(
          "reshape: %s has %d elements, %s has %d; their number must stay"
              .formatted(x.shape(), x.shape().size(), shape, shape.size()));
    }
    try (Tensor rowMajor = x.contiguous()) {
      return rowMajor.view(shape, false);
    }
  }

  static Tensor transpose(Tensor x) {
    Checks.rankAtLeast("transpose", 2, x);
    int[] dims = x.shape().dims();
    int last = dims.length - 1;
    dims[last] = x.shape().dim(-2);
    dims[last - 1] = x.shape().dim(-1);
    return x.view(Shape.of(dims), !x.layout().transposed());
  }

  /** The shape that {@code dims} means for the elements of {@code from}: −1 is what is left. */
  static Shape complete(Shape from, int[] dims) {
    int open = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] < -1 || (dims[i] == -1 && open >= 0)) {
        throw new ShapeException(
            "reshape: %s to %s: dimensions must be at least 0, and one of them may be -1"
                .formatted(from, Arrays.toString(dims)));
      }
      if (dims[i] == -1) {
        open = i;
      } else {
        boolean fits = dims[i] == 0 || known <= Long.MAX_VALUE / dims[i];
        known = fits ? known * dims[i] : Long.MAX_VALUE; // which divides nothing
      }
    }
    if (open < 0) {
      return Shape.of(dims);
    }
    if (known == 0 || from.size() % known != 0) {
      throw new ShapeException(
          "reshape: %s to %s: %d elements cannot be divided by the other dimensions' %d"
              .formatted(from, Arrays.toString(dims), from.size(), known));
    }
    if (from.size() / known > Integer.MAX_VALUE) {
      throw new ShapeException(
          "reshape: %s to %s: %d elements would be left for one dimension, which counts to %d"
              .formatted(from, Arrays.toString(dims), from.size() / known, Integer.MAX_VALUE));
    }
    int[] completed = dims.clone();
    completed[open] = (int) (from.size() / known);
    return Shape.of(completed);
  }
}
