package dev.mezzo;

import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.Strided;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;

/** Operations that move elements: parts, borders, orders, picks. Values stay as they are. */
final class Arrangement {

  private Arrangement() {}

  static Tensor permute(Tensor x, int[] axes) {
    int[] order = order(x.shape(), axes);
    long[] strides = strides(x.layout());
    int[] dims = new int[order.length];
    long[] from = new long[order.length];
    for (int i = 0; i < order.length; i++) {
      dims[i] = x.shape().dim(order[i]);
      from[i] = strides[order[i]];
    }
    Tensor y = Tensor.allocate(x.device(), Shape.of(dims), x.dtype());
    copy(x, y, dims, 0, from, 0, strides(y.layout()));
    return y;
  }

  /** The order that brings {@code axes} back. */
  static int[] inverse(Shape permuted, int[] axes) {
    int[] order = order(permuted, axes);
    int[] inverse = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      inverse[order[i]] = i;
    }
    return inverse;
  }

  private static int[] order(Shape shape, int[] axes) {
    int[] order = new int[axes.length];
    boolean[] used = new boolean[shape.rank()];
    boolean all = axes.length == shape.rank();
    for (int i = 0; all && i < axes.length; i++) {
      order[i] = axes[i] < 0 ? axes[i] + used.length : axes[i];
      all = order[i] >= 0 && order[i] < used.length && !used[order[i]];
      if (all) {
        used[order[i]] = true;
      }
    }
    if (!all) {
      throw new ShapeException(
          "permute: %s by axes %s; each of its %d axes must occur once"
              .formatted(shape, Arrays.toString(axes), shape.rank()));
    }
    return order;
  }

  /** Elements from[d] up to to[d] − 1 of each dimension; negative ones count from the end. */
  static Tensor crop(String operation, Tensor x, int[] from, int[] to) {
    int rank = x.shape().rank();
    int[] dims = new int[rank];
    int[] first = new int[rank];
    boolean right = from.length == rank && to.length == rank;
    for (int d = 0; right && d < rank; d++) {
      int length = x.shape().dim(d);
      first[d] = from[d] < 0 ? from[d] + length : from[d];
      int end = to[d] < 0 ? to[d] + length : to[d];
      dims[d] = end - first[d];
      right = first[d] >= 0 && end <= length && dims[d] >= 0;
    }
    if (!right) {
      throw new ShapeException(
          "%s: %s from %s to %s; each dimension needs 0 <= from <= to <= its length"
              .formatted(operation, x.shape(), Arrays.toString(from), Arrays.toString(to)));
    }
    Tensor y = Tensor.allocate(x.device(), Shape.of(dims), x.dtype());
    long[] strides = strides(x.layout());
    copy(x, y, dims, offset(first, strides), strides, 0, strides(y.layout()));
    return y;
  }

  static Tensor slice(Tensor x, int axis, int from, int to) {
    Checks.axisLength("slice", x, axis);
    int[] first = new int[x.shape().rank()];
    int[] last = x.shape().dims();
    first[x.shape().axis(axis)] = from;
    last[x.shape().axis(axis)] = to;
    return crop("slice", x, first, last);
  }

  static Tensor pad(Tensor x, int[] before, int[] after, float value) {
    int rank = x.shape().rank();
    int[] dims = new int[rank];
    boolean right = before.length == rank && after.length == rank;
    for (int d = 0; right && d < rank; d++) {
      right = before[d] >= 0 && after[d] >= 0;
      dims[d] = right ? total(x.shape(), before[d], x.shape().dim(d), after[d]) : 0;
    }
    if (!right) {
      throw new ShapeException(
          "pad: %s by %s before and %s after; each dimension needs two numbers of at least 0"
              .formatted(x.shape(), Arrays.toString(before), Arrays.toString(after)));
    }
    return placed(x, Shape.of(dims), before, value);
  }

  private static int total(Shape shape, int before, int length, int after) {
    long total = (long) before + length + after;
    if (total > Integer.MAX_VALUE) {
      throw new ShapeException(
          "pad: %s: a dimension would have %d elements, but may have %d"
              .formatted(shape, total, Integer.MAX_VALUE));
    }
    return (int) total;
  }

  /** x from {@code at} on in a tensor of {@code shape}, the rest {@code value}. */
  static Tensor placed(Tensor x, Shape shape, int[] at, float value) {
    Tensor y = Tensor.allocate(x.device(), shape, x.dtype()).fill(value);
    place(x, y, at);
    return y;
  }

  private static void place(Tensor x, Tensor y, int[] at) {
    long[] strides = strides(y.layout());
    copy(x, y, x.shape().dims(), 0, strides(x.layout()), offset(at, strides), strides);
  }

  /** Tensors one after the other along {@code axis}. */
  static Tensor concat(int axis, Tensor... parts) {
    if (parts.length == 0) {
      throw new ShapeException("concat: there must be at least one tensor");
    }
    Tensor first = parts[0];
    Checks.axisLength("concat", first, axis);
    int along = first.shape().axis(axis);
    long length = 0;
    for (Tensor part : parts) {
      checkPart(first, part, along);
      length += part.shape().dim(along);
    }
    int[] dims = first.shape().dims();
    dims[along] = (int) Math.min(length, Integer.MAX_VALUE);
    if (length > Integer.MAX_VALUE) {
      throw new ShapeException(
          "concat: dimension %d would have %d elements, but may have %d"
              .formatted(along, length, Integer.MAX_VALUE));
    }
    Tensor y = Tensor.allocate(first.device(), Shape.of(dims), first.dtype());
    int[] at = new int[dims.length];
    for (Tensor part : parts) {
      place(part, y, at);
      at[along] += part.shape().dim(along);
    }
    return y;
  }

  private static void checkPart(Tensor first, Tensor part, int along) {
    Checks.sameDevice("concat", first, part);
    if (part.dtype() != first.dtype()) {
      Checks.oneFloatType("concat", first, part);
    }
    boolean fits = part.shape().rank() == first.shape().rank();
    for (int d = 0; fits && d < part.shape().rank(); d++) {
      fits = d == along || part.shape().dim(d) == first.shape().dim(d);
    }
    if (!fits) {
      throw new ShapeException(
          "concat: %s and %s along dimension %d; the other dimensions must be equal"
              .formatted(first.shape(), part.shape(), along));
    }
  }

  /** Tensors of one shape, one after the other along a new dimension. */
  static Tensor stack(int axis, Tensor... parts) {
    if (parts.length == 0) {
      throw new ShapeException("stack: there must be at least one tensor");
    }
    Shape shape = parts[0].shape();
    for (Tensor part : parts) {
      Checks.sameShape("stack", parts[0], part);
    }
    int rank = shape.rank() + 1;
    int along = axis < 0 ? axis + rank : axis;
    if (along < 0 || along >= rank) {
      throw new ShapeException(
          "stack: axis %d of tensors %s; the result has %d dimensions"
              .formatted(axis, shape, rank));
    }
    int[] dims = new int[rank];
    for (int d = 0; d < rank; d++) {
      dims[d] = d == along ? 1 : shape.dim(d < along ? d : d - 1);
    }
    Tensor[] raised = new Tensor[parts.length];
    for (int i = 0; i < parts.length; i++) {
      raised[i] = Views.reshape(parts[i], Shape.of(dims));
    }
    Tensor y = concat(along, raised);
    for (Tensor one : raised) {
      one.close();
    }
    return y;
  }

  /** The tensors that {@link #stack} puts together. */
  static Tensor[] unstack(Tensor x, int axis) {
    int[] ones = new int[Checks.axisLength("unstack", x, axis)];
    if (ones.length == 0) {
      throw new ShapeException(
          "unstack: dimension %d of %s is empty; there must be at least one tensor"
              .formatted(axis, x.shape()));
    }
    Arrays.fill(ones, 1);
    Tensor[] parts = split(x, axis, ones);
    for (int i = 0; i < parts.length; i++) {
      try (Tensor part = parts[i]) {
        parts[i] = Views.reshape(part, Reductions.without(x.shape(), x.shape().axis(axis)));
      }
    }
    return parts;
  }

  /** Parts of given lengths along {@code axis}. */
  static Tensor[] split(Tensor x, int axis, int... lengths) {
    int length = Checks.axisLength("split", x, axis);
    if (lengths.length == 0) {
      throw new ShapeException("split: there must be at least one length");
    }
    if (Arrays.stream(lengths).anyMatch(part -> part < 0)
        || Arrays.stream(lengths).asLongStream().sum() != length) {
      throw new ShapeException(
          "split: %s along axis %d into %s; the lengths must add up to %d"
              .formatted(x.shape(), axis, Arrays.toString(lengths), length));
    }
    Tensor[] parts = new Tensor[lengths.length];
    int from = 0;
    for (int i = 0; i < parts.length; i++) {
      parts[i] = slice(x, axis, from, from + lengths[i]);
      from += lengths[i];
    }
    return parts;
  }

  static Tensor gather(String operation, Tensor x, Tensor index, int axis) {
    Checks.isFloat(operation, x);
    Reduction lines = lines(operation, x, index, axis);
    Tensor y = Tensor.allocate(x.device(), index.shape(), x.dtype());
    try (Tensor from = x.contiguous();
        Tensor indices = index.contiguous()) {
      x.device()
          .backend()
          .arrays()
          .gather(from.operand(), indices.operand(), y.operand(), lines, index.shape().dim(axis));
    }
    return y;
  }

  /** sums, FP32, gets what is added to it, and is cast to {@code dtype}; it is closed. */
  static Tensor scatterAdd(
      String operation, Tensor sums, Tensor index, Tensor source, int axis, DType dtype) {
    try (Tensor y = sums;
        Tensor indices = index.contiguous();
        Tensor added = source.contiguous()) {
      Checks.isFloat(operation, source);
      Checks.sameShape(operation, index, source);
      Reduction lines = lines(operation, y, index, axis);
      y.device()
          .backend()
          .arrays()
          .scatterAdd(
              indices.operand(), added.operand(), y.operand(), lines, index.shape().dim(axis));
      return Elementwise.cast(y, dtype);
    }
  }

  /** A row-major FP32 copy. */
  static Tensor sums(Tensor x) {
    Checks.isFloat("scatterAdd", x);
    Tensor y = Tensor.allocate(x.device(), x.shape(), DType.FP32);
    try (Tensor from = x.contiguous()) {
      x.device().backend().cast(from.operand(), y.operand());
    }
    return y;
  }

  private static Reduction lines(String operation, Tensor x, Tensor index, int axis) {
    Checks.sameDevice(operation, x, index);
    Checks.axisLength(operation, x, axis);
    int along = x.shape().axis(axis);
    boolean fits = index.dtype() == DType.INT32 && index.shape().rank() == x.shape().rank();
    for (int d = 0; fits && d < x.shape().rank(); d++) {
      fits = d == along || x.shape().dim(d) == index.shape().dim(d);
    }
    if (!fits) {
      throw new ShapeException(
          "%s: x %s and index %s %s; the index must be INT32 and have the dimensions of x, but for axis %d"
              .formatted(operation, x.shape(), index.shape(), index.dtype(), axis));
    }
    return lines(operation, x.shape(), along);
  }

  /** x along one axis. */
  static Reduction lines(String operation, Shape shape, int axis) {
    return new Reduction(
        Checks.count(operation, shape, 0, axis),
        shape.dim(axis),
        Checks.count(operation, shape, axis + 1, shape.rank()),
        1);
  }

  static Tensor cumulativeSum(String operation, Tensor x, int axis, boolean reverse, DType dtype) {
    Checks.isFloat(operation, x);
    Checks.axisLength(operation, x, axis);
    Reduction lines = lines(operation, x.shape(), x.shape().axis(axis));
    Tensor y = Tensor.allocate(x.device(), x.shape(), dtype);
    try (Tensor from = x.contiguous()) {
      x.device().backend().arrays().cumulativeSum(from.operand(), y.operand(), lines, reverse);
    }
    return y;
  }

  private static void copy(
      Tensor x, Tensor y, int[] dims, long from, long[] fromStrides, long to, long[] toStrides) {
    Strided plan =
        dims.length == 0
            ? new Strided(new int[] {1}, from, new long[] {1}, to, new long[] {1})
            : new Strided(dims, from, fromStrides, to, toStrides);
    x.device().backend().arrays().copy(x.stored(), y.stored(), plan);
  }

  private static long offset(int[] index, long[] strides) {
    long offset = 0;
    for (int d = 0; d < index.length; d++) {
      offset += index[d] * strides[d];
    }
    return offset;
  }

  /** Elements from one index to the next, as the tensor is stored. */
  private static long[] strides(Layout layout) {
    int rank = layout.shape().rank();
    long[] strides = new long[rank];
    long stride = 1;
    for (int i = rank - 1; i >= 0; i--) {
      int d = layout.transposed() && i >= rank - 2 ? 2 * rank - 3 - i : i;
      strides[d] = stride;
      stride *= layout.shape().dim(d);
    }
    return strides;
  }
}
