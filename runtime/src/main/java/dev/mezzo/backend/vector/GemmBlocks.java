package dev.mezzo.backend.vector;

import java.lang.foreign.MemorySegment;

/**
 * The layout of packed operands, which the packing and the innermost loop share: panels of {@link
 * GemmPacking#LINES} lines, in aligned memory outside the heap, because a vector that crosses a
 * cache line is loaded twice.
 */
final class GemmBlocks {

  /**
   * Most steps of k in a pass: a tile's panels of them stay in a second-level cache of 512 KiB or
   * more.
   */
  static final int KC = 1024;

  /** Bytes of a step in a panel. */
  static final long STEP = 4L * GemmPacking.LINES;

  /**
   * Bytes between the right operand's panels that a tile reads together; a constant, for the
   * innermost loop to address them with one register, and no multiple of 4 KiB, which would put
   * them in the same cache sets.
   */
  static final long PANEL = (KC + 21) * STEP;

  /** Rows of a tile. */
  static final int ROWS = Lanes.COUNT == 16 ? 8 : 4;

  /** Columns of a tile. */
  static final int WIDTH = Lanes.COUNT == 16 ? 48 : 16;

  private GemmBlocks() {}

  /**
   * {@code tile[to + r·WIDTH + c] = Σ a[p][r]·b[p][c]} over p below {@code kc}, in FP32 with fused
   * multiply-adds in the order of p.
   *
   * @param rows how many of the tile's rows matter; the others may or may not be written
   * @param columns how many of the tile's columns matter, likewise
   * @param at index of the left panel's element of the first row
   */
  static void multiply(
      int rows, int columns, int kc, float[] a, int at, MemorySegment b, float[] tile, int to) {
    switch (Lanes.COUNT) {
      case 16 -> GemmKernel16.multiply(rows, columns, kc, a, at, b, tile, to);
      case 8 -> GemmKernel8.multiply(rows, columns, kc, a, at, b, tile, to);
      default -> GemmKernel4.multiply(rows, columns, kc, a, at, b, tile, to);
    }
  }
}
