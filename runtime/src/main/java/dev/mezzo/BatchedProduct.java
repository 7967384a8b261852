package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmBatch;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.stream.LongStream;

/**
 * A product of the last two dimensions for each index of those before. An operand with fewer of
 * them, or with 1, is repeated; a result with fewer is the sum of the products, as gradients of
 * repeated operands are.
 *
 * <p>One kernel call where the batch can be read as more rows of one matrix, or matrices lie one
 * behind the other; else one for each index.
 *
 * @param a an operand of rank at least 2
 * @param aTurned whether a's last two dimensions are swapped
 * @param b an operand of rank at least 2
 * @param bTurned whether b's last two dimensions are swapped
 */
record BatchedProduct(Tensor a, boolean aTurned, Tensor b, boolean bTurned) {

  static BatchedProduct of(Tensor a, boolean aTurned, Tensor b, boolean bTurned) {
    return new BatchedProduct(a, aTurned, b, bTurned);
  }

  /** Computes the product into c, whose shape was checked, and returns it. */
  Tensor into(Tensor c) {
    into(c, false);
    return c;
  }

  /** Computes the product into c, or adds it there; c's shape was checked. */
  void into(Tensor c, boolean accumulate) {
    into(c, Epilogue.adding(accumulate));
  }

  /**
   * As {@link #into(Tensor)}; activation and tail are only for products that are not summed, and
   * there is no bias.
   */
  void into(Tensor c, Epilogue epilogue) {
    boolean accumulate = epilogue.accumulate();
    Shape shape = c.shape();
    checkFits(shape);
    Shape full =
        Broadcasting.shape(
            "matmul", MatrixProducts.outer(a.shape()), MatrixProducts.outer(b.shape()));
    GemmShape gemm = new GemmShape(shape.dim(-2), shape.dim(-1), a.shape().dim(aTurned ? -2 : -1));
    long products = full.size();
    long results = MatrixProducts.outer(shape).size();
    boolean summed = results != products;
    if (products == 1 || (!summed && rowsFold(products, gemm.m()))) {
      multiply(gemm, (int) products, 1, c, epilogue);
    } else if (summed && results == 1 && depthFolds(products, gemm.k())) {
      multiply(gemm, 1, (int) products, c, epilogue);
    } else if (summed && c.dtype() != DType.FP32) {
      try (Tensor sums =
          accumulate
              ? Elementwise.cast(c, DType.FP32)
              : Tensor.zeros(c.device(), shape, DType.FP32)) {
        each(gemm, full, sums, Epilogue.adding(true));
        c.device().backend().cast(sums.operand(), c.operand());
      }
    } else {
      boolean adds = summed || accumulate;
      each(
          gemm,
          full,
          adds && !accumulate ? c.fill(0f) : c,
          adds ? Epilogue.adding(true) : epilogue);
    }
  }

  private void checkFits(Shape c) {
    boolean fits =
        a.shape().dim(aTurned ? -2 : -1) == b.shape().dim(bTurned ? -1 : -2)
            && a.shape().dim(aTurned ? -1 : -2) == c.dim(-2)
            && b.shape().dim(bTurned ? -2 : -1) == c.dim(-1);
    if (!fits) {
      throw new ShapeException(
          "matmul: a product of %s%s and %s%s is not %s, as its gradient or result must be"
              .formatted(
                  a.shape(),
                  aTurned ? " transposed" : "",
                  b.shape(),
                  bTurned ? " transposed" : "",
                  c));
    }
  }

  /** Whether all of a's matrices can be read as one, with b the same for all. */
  private boolean rowsFold(long products, int m) {
    return isPlain(a, aTurned, false)
        && matrices(a) == products
        && matrices(b) == 1
        && products * m <= Integer.MAX_VALUE;
  }

  /** Whether the sum of products is one product over a deeper inner dimension. */
  private boolean depthFolds(long products, int k) {
    return isPlain(a, aTurned, true)
        && isPlain(b, bTurned, false)
        && matrices(a) == products
        && matrices(b) == products
        && products * k <= Integer.MAX_VALUE;
  }

  private static long matrices(Tensor x) {
    return MatrixProducts.outer(x.shape()).size();
  }

  private static boolean isPlain(Tensor x, boolean turned, boolean transposed) {
    return (x.layout().transposed() != turned) == transposed;
  }

  /** One kernel call, with the rows or the depth of the product multiplied. */
  private void multiply(GemmShape gemm, int rows, int depth, Tensor c, Epilogue epilogue) {
    GemmShape folded = new GemmShape(gemm.m() * rows, gemm.n(), gemm.k() * depth);
    Matrix result = new Matrix(c.operand(), false, gemm.n());
    backend(c)
        .gemm(
            folded,
            matrix(a, aTurned, a.stored()),
            matrix(b, bTurned, b.stored()),
            result,
            epilogue);
  }

  private void each(GemmShape gemm, Shape full, Tensor c, Epilogue epilogue) {
    if (full.size() == 0) {
      return; // c is empty, or the sum of no products: zero
    }
    BatchIndex index = new BatchIndex(full, a.shape(), b.shape(), c.shape());
    if (index.isRegular() && epilogue.tail() == null) {
      Matrix result = new Matrix(c.operand(), false, gemm.n());
      GemmBatch batch =
          new GemmBatch(
              Math.toIntExact(full.size()),
              index.offset(1, 0) * size(a),
              index.offset(1, 1) * size(b),
              size(c));
      backend(c)
          .gemmBatch(
              gemm,
              batch,
              matrix(a, aTurned, a.stored()),
              matrix(b, bTurned, b.stored()),
              result,
              epilogue);
      return;
    }
    for (long i = 0; i < full.size(); i++) {
      Operand left = slice(a, index.offset(i, 0));
      Operand right = slice(b, index.offset(i, 1));
      Matrix result = new Matrix(slice(c, index.offset(i, 2)), false, gemm.n());
      Epilogue part = part(epilogue, result.operand().size(), index.offset(i, 2), c.shape().size());
      backend(c).gemm(gemm, matrix(a, aTurned, left), matrix(b, bTurned, right), result, part);
    }
  }

  /** The epilogue of one matrix of many. */
  private static Epilogue part(Epilogue epilogue, long size, long matrix, long whole) {
    return epilogue.tail() == null
        ? epilogue
        : new Epilogue(
            null,
            epilogue.activation(),
            epilogue.accumulate(),
            epilogue.tail().slice(matrix * size, size, whole));
  }

  private static Operand slice(Tensor x, long matrix) {
    return x.stored().slice(matrix * size(x), size(x));
  }

  /** Elements of one matrix. */
  private static long size(Tensor x) {
    return (long) x.shape().dim(-2) * x.shape().dim(-1);
  }

  private static Matrix matrix(Tensor x, boolean turned, Operand operand) {
    boolean view = x.layout().transposed();
    return new Matrix(operand, view != turned, x.shape().dim(view ? -2 : -1));
  }

  private static Backend backend(Tensor c) {
    return c.device().backend();
  }

  /** Where the operands' matrices are, for each index of the whole batch. */
  private static final class BatchIndex {

    private final int[] dims;
    private final long[][] strides = new long[3][];

    BatchIndex(Shape full, Shape... operands) {
      this.dims = full.dims();
      for (int i = 0; i < operands.length; i++) {
        strides[i] = Broadcasting.strides(MatrixProducts.outer(operands[i]), dims.length);
      }
    }

    /**
     * Whether the results' matrices are one behind the other, and those of each operand are, too,
     * or one for all.
     */
    boolean isRegular() {
      return isEach(2) && (isEach(0) || isOne(0)) && (isEach(1) || isOne(1));
    }

    private boolean isEach(int operand) {
      long next = 1;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        if (dims[axis] != 1 && strides[operand][axis] != next) {
          return false;
        }
        next *= dims[axis];
      }
      return true;
    }

    private boolean isOne(int operand) {
      return LongStream.of(strides[operand]).allMatch(stride -> stride == 0);
    }

    /**
     * The number of the operand's matrix at index {@code i} of the whole batch, in row-major order.
     */
    long offset(long i, int operand) {
      long offset = 0;
      long rest = i;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        offset += rest % dims[axis] * strides[operand][axis];
        rest /= dims[axis];
      }
      return offset;
    }
  }
}
