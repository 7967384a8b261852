package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Epilogue;
import dev.mezzo.backend.GemmBatch;
import dev.mezzo.backend.GemmShape;
import dev.mezzo.backend.Matrix;
import dev.mezzo.types.DType;

/**
 * All that the choice of an algorithm depends on, as cuBLASLt sees it: column-major, its A being
 * our b.
 *
 * @param m rows of its result, our n
 * @param n columns of its result, our m
 * @param k summed over
 * @param type of its operands
 * @param result type of the result
 * @param transposeA whether its A is transposed
 * @param transposeB whether its B is
 * @param leadingA elements from a column of A to the next
 * @param leadingB of B
 * @param leadingC of the result
 * @param batch how many products, and how far its A, B and results are apart
 * @param bias whether one is added
 * @param accumulate whether the old result is
 * @param alignmentA the largest power of two, up to 256, that divides the addresses of A's matrices
 * @param alignmentB of B
 * @param alignmentC of the result
 */
record LtProduct(
    long m,
    long n,
    long k,
    DType type,
    DType result,
    boolean transposeA,
    boolean transposeB,
    long leadingA,
    long leadingB,
    long leadingC,
    GemmBatch batch,
    boolean bias,
    boolean accumulate,
    int alignmentA,
    int alignmentB,
    int alignmentC) {

  private static final int MOST_ALIGNED = 256;

  /**
   * @param batch of a and b as they are given
   */
  static LtProduct of(
      GemmShape shape, GemmBatch batch, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
    return new LtProduct(
        shape.n(),
        shape.m(),
        shape.k(),
        a.operand().dtype(),
        c.operand().dtype(),
        a.transposed(),
        b.transposed(),
        a.stride(),
        b.stride(),
        c.stride(),
        batch,
        epilogue.bias() != null,
        epilogue.accumulate(),
        alignment(a, batch.a()),
        alignment(b, batch.b()),
        alignment(c, batch.c()));
  }

  private static int alignment(Matrix matrix, long apart) {
    long address = matrix.operand().data().address();
    long next = apart * matrix.operand().dtype().bytes();
    return (int) Math.min(MOST_ALIGNED, Long.lowestOneBit(address | next));
  }
}
