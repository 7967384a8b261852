package dev.mezzo.backend.vector;

/**
 * The two innermost loops that convolutions are made of, on FP32 arrays: blocks of {@link #ROWS}
 * rows by up to {@link #VECTORS} vectors of accumulators. The left operand is read element by
 * element wherever its rows are, so that overlapping patches of an image are rows as they stand:
 * nothing is copied for them. Arrays have room for whole blocks; what lies beyond an edge is
 * garbage in, garbage out.
 */
final class ConvolutionBlocks {

  /** Rows of a block. */
  static final int ROWS = Lanes.COUNT == 16 ? 8 : 4;

  /** Rows of a block that lie at equal distances. */
  static final int HALF = ROWS / 2;

  /** Most vectors of a block. */
  static final int VECTORS = 2;

  private ConvolutionBlocks() {}

  /** {@code size} up to a multiple of a vector's length. */
  static int padded(int size) {
    return (size + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
  }

  /**
   * {@code c[to + r·width + v] = Σ a[start(r) + offset + q]·b[panel + i·w + v]}, summed over the
   * offsets and q below {@code length}; i counts these steps, v goes to w = {@code vectors} times a
   * vector's length. The first {@link #HALF} rows start at {@code at}, {@code stride} apart, the
   * others {@code jump} further on.
   */
  static void rows(
      int vectors,
      float[] a,
      int at,
      int stride,
      int jump,
      int[] offsets,
      int length,
      float[] b,
      int panel,
      float[] c,
      int to,
      int width) {
    if (Lanes.COUNT == 16) {
      ConvolutionKernel16.rows(
          vectors, a, at, stride, jump, offsets, length, b, panel, c, to, width);
    } else {
      ConvolutionKernel8.rows(
          vectors, a, at, stride, jump, offsets, length, b, panel, c, to, width);
    }
  }

  /**
   * {@code c[to + r·width + v] += Σ a[at + oₐ + p·aStride + r]·b[from + o_b + p·bStride + v]},
   * summed over the pairs (oₐ, o_b) of {@code offsets} and p below {@code steps}.
   */
  static void outer(
      int vectors,
      float[] a,
      int at,
      int aStride,
      float[] b,
      int from,
      int bStride,
      int[] offsets,
      int steps,
      float[] c,
      int to,
      int width) {
    if (Lanes.COUNT == 16) {
      ConvolutionKernel16.outer(
          vectors, a, at, aStride, b, from, bStride, offsets, steps, c, to, width);
    } else {
      ConvolutionKernel8.outer(
          vectors, a, at, aStride, b, from, bStride, offsets, steps, c, to, width);
    }
  }
}
