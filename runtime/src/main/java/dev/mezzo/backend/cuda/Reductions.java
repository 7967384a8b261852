package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.types.DType;

/** Starts the kernels of {@code reductions.cu}, and of {@code softmax.cu}. */
final class Reductions {

  /** A piece of a sum is no shorter than this: else its result costs more than it saves. */
  private static final int SHORTEST_PIECE = 512;

  /** Elements of inner that a block of {@code sumColumns} takes. */
  private static final int COLUMNS = Kernels.LANES * Kernels.WIDTH;

  private final Kernels kernels;

  Reductions(Kernels kernels) {
    this.kernels = kernels;
  }

  void sum(Operand x, Operand y, Reduction r) {
    if (r.inner() == 1) {
      rows(x, y, r.outer(), r.axis(), r.factor());
    } else {
      columns(x, y, r.outer(), r.axis(), r.inner(), r.factor());
    }
  }

  /** Sums of rows: few long ones are cut into pieces, whose sums are added in a second pass. */
  private void rows(Operand x, Operand y, long rows, long cols, float factor) {
    long pieces = pieces(cols, Math.ceilDiv(kernels.fill(), Math.max(1, rows)));
    if (pieces == 1) {
      kernels.rows("sumRows", rows, cols, x, y, rows, cols, 1L, factor);
    } else {
      Operand parts = parts(rows * pieces);
      kernels.blocks("sumRowsByBlocks", rows * pieces, x, parts, rows, cols, pieces, 1f);
      kernels.rows("sumRows", rows, pieces, parts, y, rows, pieces, 1L, factor);
    }
  }

  private void columns(Operand x, Operand y, long outer, long axis, long inner, float factor) {
    long across = Math.ceilDiv(inner, COLUMNS);
    long pieces = pieces(axis, Math.ceilDiv(kernels.fill(), Math.max(1, outer * across)));
    Operand to = pieces == 1 ? y : parts(outer * pieces * inner);
    long blocks = outer * pieces * across;
    float first = pieces == 1 ? factor : 1f;
    kernels.blocks("sumColumns", blocks, x, to, outer, axis, inner, pieces, first);
    if (pieces > 1) {
      kernels.blocks("sumColumns", outer * across, to, y, outer, pieces, inner, 1L, factor);
    }
  }

  private static long pieces(long length, long wanted) {
    return Math.clamp(length / SHORTEST_PIECE, 1, wanted);
  }

  private Operand parts(long count) {
    return new Operand(kernels.workspace(count * Float.BYTES), DType.FP32, count);
  }

  void argmax(Operand x, Operand y, int rows, int cols) {
    kernels.warps("argmax", rows, x, y, (long) rows, (long) cols);
  }

  void exponentHistogram(Operand x, float factor, Operand counts) {
    kernels.eights("exponentHistogram", x.size(), x, counts, x.size(), factor);
  }

  void softmax(Operand x, Operand y, long rows, long cols, boolean logarithm) {
    if (y.size() > 0) {
      kernels.rows("softmax", rows, cols, x, y, rows, cols, logarithm ? 1 : 0);
    }
  }

  void softmaxGradient(Operand dy, Operand y, Operand dx, long rows, long cols, boolean logarithm) {
    if (dx.size() > 0) {
      kernels.rows("softmaxGradient", rows, cols, dy, y, dx, rows, cols, logarithm ? 1 : 0);
    }
  }
}
