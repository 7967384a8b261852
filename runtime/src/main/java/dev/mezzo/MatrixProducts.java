package dev.mezzo;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Products of two operands, and what they demand of shapes. */
final class MatrixProducts {

  private MatrixProducts() {}

  static Tensor matmul(@Nullable Finish finish, Tensor a, Tensor b) {
    DType dtype = Checks.oneFloatType("matmul", a, b);
    Shape shape = matmulShape(a.shape(), b.shape());
    BatchedProduct product = BatchedProduct.of(a, false, b, false);
    return Finish.of(
        finish,
        a.device(),
        shape,
        dtype,
        (y, tail) -> product.into(y, Finish.epilogue(null, tail)));
  }

  static Tensor linear(@Nullable Finish finish, Tensor x, Tensor weight, Tensor bias) {
    DType dtype = Checks.oneFloatType("linear", x, weight, bias);
    checkLinear(x.shape(), weight.shape(), bias.shape());
    int[] dims = x.shape().dims();
    int in = dims[dims.length - 1];
    int rows = Checks.count("linear", x.shape(), 0, dims.length - 1);
    int out = weight.shape().dim(0);
    dims[dims.length - 1] = out;
    try (Tensor left = matrix(x)) {
      return Finish.of(
          finish,
          x.device(),
          Shape.of(dims),
          dtype,
          (y, tail) ->
              x.device()
                  .backend()
                  .gemm(
                      new GemmShape(rows, out, in),
                      stored(left, false),
                      stored(weight, true),
                      new Matrix(y.operand(), false, out),
                      Finish.epilogue(bias.operand(), tail)));
    }
  }

  /** sum + dy·weight, in x's shape. */
  static Tensor linearGradientX(
      GradientSum sum, Tensor dy, Tensor weight, Shape shape, DType dtype) {
    checkGradient("linearGradientX", weight.shape().rank() == 2, dy, weight.shape());
    int out = weight.shape().dim(0);
    int in = weight.shape().dim(1);
    int rows = rows("linearGradientX", dy, out);
    checkGradient("linearGradientX", (long) rows * in == shape.size(), dy, weight.shape());
    try (Tensor left = matrix(dy)) {
      return sum.add(
          dy.device(),
          new Layout(shape, dtype, false),
          (dx, accumulate) ->
              dy.device()
                  .backend()
                  .gemm(
                      new GemmShape(rows, in, out),
                      stored(left, false),
                      stored(weight, false),
                      new Matrix(dx.operand(), false, in),
                      Epilogue.adding(accumulate)));
    }
  }

  /** sum + dyᵀ·x, (out, in). */
  static Tensor linearGradientWeight(GradientSum sum, Tensor dy, Tensor x) {
    Checks.rankAtLeast("linearGradientWeight", 1, dy);
    Checks.rankAtLeast("linearGradientWeight", 1, x);
    int out = dy.shape().dim(-1);
    int in = x.shape().dim(-1);
    int rows = rows("linearGradientWeight", dy, out);
    checkGradient("linearGradientWeight", (long) rows * in == x.shape().size(), dy, x.shape());
    try (Tensor left = matrix(dy);
        Tensor right = matrix(x)) {
      return sum.add(
          dy.device(),
          new Layout(Shape.of(out, in), dy.dtype(), false),
          (dWeight, accumulate) ->
              dy.device()
                  .backend()
                  .gemm(
                      new GemmShape(out, in, rows),
                      stored(left, true),
                      stored(right, false),
                      new Matrix(dWeight.operand(), false, in),
                      Epilogue.adding(accumulate)));
    }
  }

  /**
   * The tensor, retained, if its memory can be read as one matrix with its last dimension as
   * columns; else a copy.
   */
  private static Tensor matrix(Tensor x) {
    return x.shape().rank() == 2 ? x.retain() : x.contiguous();
  }

  /** The memory of a matrix, or of a contiguous tensor with all but the last dimension as rows. */
  private static Matrix stored(Tensor x, boolean transposed) {
    boolean view = x.layout().transposed();
    int stride = x.shape().dim(view ? -2 : -1);
    return new Matrix(x.stored(), view != transposed, stride);
  }

  private static void checkGradient(String operation, boolean fits, Tensor dy, Shape operand) {
    if (!fits) {
      throw new ShapeException(
          "%s: dy %s does not belong to an operand %s".formatted(operation, dy.shape(), operand));
    }
  }

  private static int rows(String operation, Tensor dy, int out) {
    if (dy.shape().rank() == 0 || dy.shape().dim(-1) != out) {
      throw new ShapeException(
          "%s: dy is %s, but its last dimension must be %d".formatted(operation, dy.shape(), out));
    }
    return Checks.count(operation, dy.shape(), 0, dy.shape().rank() - 1);
  }

  private static Shape matmulShape(Shape a, Shape b) {
    if (a.rank() < 2 || b.rank() < 2) {
      throw new ShapeException(
          "matmul: %s by %s: both operands must have at least two dimensions; reshape a vector to one row or one column"
              .formatted(a, b));
    }
    if (a.dim(-1) != b.dim(-2)) {
      throw new ShapeException(
          "matmul: %s by %s: the first operand's last dimension (%d) must be the second's next to last (%d)%s"
              .formatted(a, b, a.dim(-1), b.dim(-2), matmulCure(a, b)));
    }
    Shape batch = Broadcasting.shape("matmul (dimensions before the last two)", outer(a), outer(b));
    int[] dims = new int[batch.rank() + 2];
    System.arraycopy(batch.dims(), 0, dims, 0, batch.rank());
    dims[batch.rank()] = a.dim(-2);
    dims[batch.rank() + 1] = b.dim(-1);
    return Shape.of(dims);
  }

  private static String matmulCure(Shape a, Shape b) {
    if (a.dim(-1) == b.dim(-1)) {
      return "; transpose(b) would fit";
    }
    return a.dim(-2) == b.dim(-2) ? "; transpose(a) would fit" : "";
  }

  /** The dimensions before the last two. */
  static Shape outer(Shape shape) {
    return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 2));
  }

  private static void checkLinear(Shape x, Shape weight, Shape bias) {
    if (weight.rank() != 2 || x.rank() < 1 || x.dim(-1) != weight.dim(1)) {
      boolean turned = weight.rank() == 2 && x.rank() > 0 && x.dim(-1) == weight.dim(0);
      throw new ShapeException(
          "linear: x %s and weight %s: the weight must be (out, in), with in the last dimension of x%s"
              .formatted(x, weight, turned ? "; transpose(weight) would fit" : ""));
    }
    if (bias.rank() != 1 || bias.dim(0) != weight.dim(0)) {
      throw new ShapeException(
          "linear: weight %s and bias %s: the bias must be (%d), the weight's first dimension"
              .formatted(weight, bias, weight.dim(0)));
    }
  }
}
