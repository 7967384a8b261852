package dev.mezzo;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Reduction;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;

/** Sums and what is computed along the last dimension. */
final class Reductions {

  private Reductions() {}

  static Tensor all(String operation, Tensor x, float factor) {
    Checks.isFloat(operation, x);
    int size = Checks.count(operation, x.shape(), 0, x.shape().rank());
    return sum(x, new Reduction(1, size, 1, factor), Shape.of(), DType.FP32);
  }

  static Tensor axis(String operation, Tensor x, int axis, float factor) {
    Checks.isFloat(operation, x);
    int length = Checks.axisLength(operation, x, axis);
    int rank = x.shape().rank();
    int at = x.shape().axis(axis);
    int outer = Checks.count(operation, x.shape(), 0, at);
    int inner = Checks.count(operation, x.shape(), at + 1, rank);
    return sum(x, new Reduction(outer, length, inner, factor), without(x.shape(), at), DType.FP32);
  }

  /** {@link #unbroadcast(GradientSum, Tensor, Layout, float)} alone. */
  static Tensor unbroadcast(Tensor x, Layout operand, float factor) {
    return unbroadcast(GradientSum.none(), x, operand, factor);
  }

  /**
   * Sums x over the dimensions along which an operand was repeated: its gradient, added to those
   * before. FP32 between, one rounding. Where nothing was repeated and nothing changes, x itself,
   * retained.
   */
  static Tensor unbroadcast(GradientSum before, Tensor x, Layout operand, float factor) {
    Shape shape = operand.shape();
    DType dtype = operand.dtype();
    Checks.isDifferentiable("gradient", operand);
    checkRepeats(x, shape);
    if (!before.wanted()) {
      return Tensor.allocate(x.device(), shape, dtype);
    }
    int rank = x.shape().rank();
    if (repeated(x.shape(), shape, rank - 1) < 0) {
      try (Tensor same = x.shape().equals(shape) ? x.retain() : Views.reshape(x, shape)) {
        return factor == 1
            ? before.add(same, dtype)
            : before.add(Elementwise.scale(same, factor, dtype));
      }
    }
    Tensor sums = x.retain();
    int last = repeated(sums.shape(), shape, rank - 1);
    while (true) {
      int first = last;
      while (first > 0
          && (isRepeated(sums.shape(), shape, first - 1) || sums.shape().dim(first - 1) == 1)) {
        first--;
      }
      Reduction reduction = dims(sums.shape(), first, last);
      int next = repeated(sums.shape(), shape, first - 1);
      try (Tensor summed = sums) {
        if (next < 0) {
          Layout rowMajor = new Layout(shape, dtype, false);
          return sum(summed, before.target(x.device(), rowMajor), reduction.times(factor));
        }
        sums = sum(summed, reduction, with1(summed.shape(), first, last), DType.FP32);
      }
      last = next;
    }
  }

  private static void checkRepeats(Tensor x, Shape shape) {
    Checks.isFloat("gradient", x);
    if (!Broadcasting.shape("gradient", x.shape(), shape).equals(x.shape())) {
      throw new ShapeException(
          "gradient: dy %s is not what an operand of %s was repeated to"
              .formatted(x.shape(), shape));
    }
  }

  /**
   * dy, its shape with 1 where it is repeated, as {@code factor·dy} in the operand's shape: the
   * gradient of a sum.
   */
  static Tensor spread(Tensor dy, Shape dyShape, float factor, Layout operand) {
    Shape shape = operand.shape();
    Checks.isDifferentiable("gradient", operand);
    Checks.isFloat("gradient", dy);
    if (dy.shape().size() != dyShape.size()) {
      throw new ShapeException(
          "gradient: dy is %s, but of an operand %s it must have the elements of %s"
              .formatted(dy.shape(), shape, dyShape));
    }
    Tensor dx = Tensor.allocate(dy.device(), shape, operand.dtype());
    if (shape.size() > 0) {
      try (Tensor gradient = dy.contiguous();
          Tensor scalar = Tensor.allocate(dy.device(), Shape.of(), DType.FP32).fill(factor)) {
        Broadcast broadcast = Broadcasting.plan(shape, dyShape, Shape.of());
        dy.device()
            .backend()
            .binary(Binary.MULTIPLY, gradient.operand(), scalar.operand(), dx.operand(), broadcast);
      }
    }
    return dx;
  }

  static Tensor softmax(String operation, Tensor x, DType dtype, boolean logarithm) {
    Checks.isFloat(operation, x);
    Checks.rankAtLeast(operation, 1, x);
    int rows = rows(operation, x.shape());
    Tensor y = Tensor.allocate(x.device(), x.shape(), dtype);
    try (Tensor rowMajor = x.contiguous()) {
      x.device()
          .backend()
          .softmax(rowMajor.operand(), y.operand(), rows, x.shape().dim(-1), logarithm);
    }
    return y;
  }

  static Tensor softmaxGradient(
      String operation, Tensor dy, Tensor y, DType dtype, boolean logarithm) {
    Checks.isFloat(operation, dy, y);
    Checks.sameShape(operation, dy, y);
    Checks.rankAtLeast(operation, 1, y);
    int rows = rows(operation, y.shape());
    Tensor dx = Tensor.allocate(y.device(), y.shape(), dtype);
    try (Tensor gradient = dy.contiguous();
        Tensor result = y.contiguous()) {
      y.device()
          .backend()
          .softmaxGradient(
              gradient.operand(),
              result.operand(),
              dx.operand(),
              rows,
              y.shape().dim(-1),
              logarithm);
    }
    return dx;
  }

  static Tensor argmax(Tensor x) {
    Checks.isFloat("argmax", x);
    Checks.rankAtLeast("argmax", 1, x);
    if (x.shape().dim(-1) == 0) {
      throw new ShapeException("argmax: " + x.shape() + ": the last dimension must not be empty");
    }
    int rank = x.shape().rank();
    Tensor y = Tensor.allocate(x.device(), without(x.shape(), rank - 1), DType.INT32);
    try (Tensor rowMajor = x.contiguous()) {
      x.device()
          .backend()
          .argmax(rowMajor.operand(), y.operand(), rows("argmax", x.shape()), x.shape().dim(-1));
    }
    return y;
  }

  /** The product of all dimensions but the last. */
  static int rows(String operation, Shape shape) {
    return Checks.count(operation, shape, 0, shape.rank() - 1);
  }

  static Shape without(Shape shape, int axis) {
    int[] dims = new int[shape.rank() - 1];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = shape.dim(i < axis ? i : i + 1);
    }
    return Shape.of(dims);
  }

  /** Sums over dimensions first to last. */
  private static Reduction dims(Shape shape, int first, int last) {
    return new Reduction(
        Checks.count("sum", shape, 0, first),
        Checks.count("sum", shape, first, last + 1),
        Checks.count("sum", shape, last + 1, shape.rank()),
        1);
  }

  private static Shape with1(Shape shape, int first, int last) {
    int[] dims = shape.dims();
    Arrays.fill(dims, first, last + 1, 1);
    return Shape.of(dims);
  }

  private static Tensor sum(Tensor x, Reduction reduction, Shape shape, DType dtype) {
    Layout layout = new Layout(shape, dtype, false);
    return sum(x, GradientSum.none().target(x.device(), layout), reduction);
  }

  private static Tensor sum(Tensor x, GradientSum.Target to, Reduction reduction) {
    try (Tensor rowMajor = x.contiguous()) {
      x.device().backend().sum(rowMajor.operand(), to.operand(), reduction);
    }
    return to.sum();
  }

  /**
   * The last dimension up to {@code from} along which an operand of {@code shape} was repeated, or
   * −1.
   */
  private static int repeated(Shape sums, Shape shape, int from) {
    int axis = from;
    while (axis >= 0 && !isRepeated(sums, shape, axis)) {
      axis--;
    }
    return axis;
  }

  private static boolean isRepeated(Shape sums, Shape shape, int axis) {
    return Broadcasting.dim(shape, axis, sums.rank()) == 1 && sums.dim(axis) != 1;
  }
}
