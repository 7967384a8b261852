package dev.mezzo;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.Ternary;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;

/** Sums, extremes and variances over several axes. */
final class AxesReductions {

  private AxesReductions() {}

  /** factor·Σ, FP32. */
  static Tensor sum(String operation, Tensor x, int[] axes, boolean keepDims, float factor) {
    Checks.isFloat(operation, x);
    Shape kept = kept(operation, x.shape(), axes);
    try (Tensor sums = Reductions.unbroadcast(x, fp32(kept), factor)) {
      return Views.reshape(sums, keepDims ? kept : removed(x.shape(), axes));
    }
  }

  static Tensor sumGradient(Tensor dy, Layout x, int[] axes, float factor) {
    return Reductions.spread(dy, kept("sumGradient", x.shape(), axes), factor, x);
  }

  /** The greatest for the factor 1, the least for −1. */
  static Tensor extreme(String operation, Tensor x, int[] axes, boolean keepDims, float factor) {
    Checks.isFloat(operation, x);
    Shape kept = kept(operation, x.shape(), axes);
    if (count(x.shape(), axes) == 0) {
      throw new ShapeException(
          "%s: %s over axes %s: there must be at least one element"
              .formatted(operation, x.shape(), Arrays.toString(axes)));
    }
    Tensor y = result(x, axes, keepDims, kept, x.dtype());
    try (Tensor lines = lines(x, axes)) {
      lines
          .device()
          .backend()
          .arrays()
          .maximum(lines.operand(), y.operand(), reduction(operation, lines, x, axes, factor));
    }
    return y;
  }

  /** dy, its share to each of the elements that are as great as y. */
  static Tensor extremeGradient(String operation, Tensor dy, Tensor y, Tensor x, int[] axes) {
    Shape kept = kept(operation, x.shape(), axes);
    Checks.isFloat(operation, dy, y, x);
    try (Tensor most = Views.reshape(y, kept);
        Tensor gradient = Views.reshape(dy, kept);
        Tensor equal = Elementwise.binary(operation, Binary.EQUAL, x, most, x.dtype());
        Tensor count = Reductions.unbroadcast(equal, fp32(kept), 1);
        Tensor share = Elementwise.binary(operation, Binary.DIVIDE, gradient, count, DType.FP32)) {
      return Elementwise.ternary(operation, Ternary.TIED, share, x, most, x.dtype());
    }
  }

  static Tensor variance(Tensor x, int[] axes, int correction, boolean keepDims) {
    Checks.isFloat("variance", x);
    Shape kept = kept("variance", x.shape(), axes);
    Tensor y = result(x, axes, keepDims, kept, DType.FP32);
    float factor = 1f / (count(x.shape(), axes) - correction);
    try (Tensor mean = sum("variance", x, axes, true, 1f / count(x.shape(), axes));
        Tensor lines = lines(x, axes)) {
      lines
          .device()
          .backend()
          .arrays()
          .squaredDeviations(
              lines.operand(),
              mean.operand(),
              y.operand(),
              reduction("variance", lines, x, axes, factor));
    }
    return y;
  }

  /** 2/(n − correction)·dy·(x − mean); the mean is computed again. */
  static Tensor varianceGradient(Tensor dy, Tensor x, int[] axes, int correction) {
    Checks.isFloat("varianceGradient", dy, x);
    Shape kept = kept("varianceGradient", x.shape(), axes);
    float factor = 2f / (count(x.shape(), axes) - correction);
    try (Tensor mean = sum("varianceGradient", x, axes, true, 1f / count(x.shape(), axes));
        Tensor gradient = Views.reshape(dy, kept);
        Tensor scaled = Elementwise.scale(gradient, factor, DType.FP32)) {
      return Elementwise.ternary(
          "varianceGradient", Ternary.SCALED_DIFFERENCE, scaled, x, mean, x.dtype());
    }
  }

  /** 1 / the product of the axes' lengths. */
  static float inverse(Tensor x, int[] axes) {
    kept("mean", x.shape(), axes);
    return 1f / count(x.shape(), axes);
  }

  /** The product of the axes' lengths. */
  static long count(Shape shape, int[] axes) {
    long count = 1;
    for (int axis : axes) {
      count *= shape.dim(axis);
    }
    return count;
  }

  private static Tensor result(Tensor x, int[] axes, boolean keepDims, Shape kept, DType dtype) {
    return Tensor.allocate(x.device(), keepDims ? kept : removed(x.shape(), axes), dtype);
  }

  private static Layout fp32(Shape shape) {
    return new Layout(shape, DType.FP32, false);
  }

  /** The shape with 1 for each axis. */
  private static Shape kept(String operation, Shape shape, int[] axes) {
    int[] dims = shape.dims();
    boolean[] seen = new boolean[dims.length];
    for (int axis : axes) {
      if (axis < -dims.length || axis >= dims.length || seen[shape.axis(axis)]) {
        throw new ShapeException(
            "%s: axes %s of %s, which has %d dimensions; each may occur once"
                .formatted(operation, Arrays.toString(axes), shape, dims.length));
      }
      seen[shape.axis(axis)] = true;
      dims[shape.axis(axis)] = 1;
    }
    return Shape.of(dims);
  }

  private static Shape removed(Shape shape, int[] axes) {
    int[] sorted = sorted(shape, axes);
    Shape rest = shape;
    for (int i = sorted.length - 1; i >= 0; i--) {
      rest = Reductions.without(rest, sorted[i]);
    }
    return rest;
  }

  private static int[] sorted(Shape shape, int[] axes) {
    return Arrays.stream(axes).map(shape::axis).sorted().toArray();
  }

  private static boolean adjacent(int[] sorted) {
    return sorted.length == 0 || sorted[sorted.length - 1] - sorted[0] == sorted.length - 1;
  }

  /** x, row-major, the axes side by side: those that are apart are moved to the end. */
  private static Tensor lines(Tensor x, int[] axes) {
    int[] sorted = sorted(x.shape(), axes);
    if (adjacent(sorted)) {
      return x.contiguous();
    }
    int[] order = new int[x.shape().rank()];
    int at = 0;
    for (int d = 0; d < order.length; d++) {
      if (Arrays.binarySearch(sorted, d) < 0) {
        order[at++] = d;
      }
    }
    System.arraycopy(sorted, 0, order, at, sorted.length);
    return Arrangement.permute(x, order);
  }

  private static Reduction reduction(
      String operation, Tensor lines, Tensor x, int[] axes, float factor) {
    int[] sorted = sorted(x.shape(), axes);
    int rank = x.shape().rank();
    int first = adjacent(sorted) ? (sorted.length == 0 ? rank : sorted[0]) : rank - sorted.length;
    int end = first + sorted.length;
    return new Reduction(
        Checks.count(operation, lines.shape(), 0, first),
        Checks.count(operation, lines.shape(), first, end),
        Checks.count(operation, lines.shape(), end, rank),
        factor);
  }
}
