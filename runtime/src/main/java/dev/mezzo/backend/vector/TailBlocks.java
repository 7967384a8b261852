package dev.mezzo.backend.vector;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Tail;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A kernel's tail, on pieces of its FP32 results on their way to memory. */
final class TailBlocks {

  private final FusedBlocks plan;
  private final Tail tail;
  private final long size;
  private final int columns;

  private TailBlocks(Tail tail, long size, int columns) {
    this.plan = FusedBlocks.of(tail.program());
    this.tail = tail;
    this.size = size;
    this.columns = columns;
  }

  /**
   * That of a kernel; null where there is none.
   *
   * @param size of the whole result
   * @param columns of its last dimension
   */
  static @Nullable TailBlocks of(@Nullable Tail tail, long size, int columns) {
    return tail == null ? null : new TailBlocks(tail, size, columns);
  }

  /** That of a kernel that goes over its result element by element. */
  static @Nullable TailBlocks of(@Nullable Tail tail, long size) {
    return of(tail, size, 1);
  }

  /**
   * Replaces rows of {@code width} values, {@code stride} apart, the first of which is element
   * {@code to} of the result, the next one {@code columns} further. Uses the scratch's registers
   * and {@code z}.
   */
  void apply(float[] values, int at, int rows, int width, int stride, long to, Scratch scratch) {
    int most = Math.max(1, Scratch.CHUNK / stride);
    for (int row = 0; row < rows; row += most) {
      int count = Math.min(most, rows - row);
      Piece piece =
          new Piece(values, at + row * stride, count, width, stride, to + (long) row * columns);
      plan.run(piece, scratch);
      System.arraycopy(plan.result(0, scratch), 0, values, piece.at, piece.count());
    }
  }

  /** Replaces {@code count} values that follow one another, in the result as well. */
  void apply(float[] values, int at, int count, long to, Scratch scratch) {
    for (int i = 0; i < count; i += Scratch.CHUNK) {
      int width = Math.min(Scratch.CHUNK, count - i);
      Piece piece = new Piece(values, at + i, 1, width, width, to + i);
      plan.run(piece, scratch);
      System.arraycopy(plan.result(0, scratch), 0, values, at + i, width);
    }
  }

  private final class Piece implements FusedBlocks.Elements {
    private final float[] values;
    private final int at;
    private final int rows;
    private final int width;
    private final int stride;
    private final long to;

    Piece(float[] values, int at, int rows, int width, int stride, long to) {
      this.values = values;
      this.at = at;
      this.rows = rows;
      this.width = width;
      this.stride = stride;
      this.to = to;
    }

    @Override
    public int count() {
      return (rows - 1) * stride + width;
    }

    @Override
    public void read(int which, float[] target) {
      if (which == 0) {
        System.arraycopy(values, at, target, 0, count());
        return;
      }
      Operand operand = tail.operands().get(which - 1);
      for (int r = 0; r < rows; r++) {
        row(operand, to + (long) r * columns, target, r * stride);
      }
    }

    private void row(Operand operand, long from, float[] target, int start) {
      if (operand.size() == size) {
        Conversions.widen(operand, from, target, start, width);
      } else if (operand.size() == 1) {
        Conversions.widen(operand, 0, target, start, 1);
        Arrays.fill(target, start + 1, start + width, target[start]);
      } else {
        for (int i = 0; i < width; ) { // a piece may go over several rows
          int period = (int) operand.size();
          int column = (int) ((from + i) % period);
          int n = Math.min(width - i, period - column);
          Conversions.widen(operand, column, target, start + i, n);
          i += n;
        }
      }
    }

    @Override
    public void apply(Binary function, float[] x, int which, float[] buffer) {
      if (which > 0 && rows == 1 && tail.operands().get(which - 1).size() == size) {
        WideningSums.apply(function, x, tail.operands().get(which - 1), to, width);
      } else {
        read(which, buffer);
        ElementWise.apply(function, x, buffer, count());
      }
    }
  }
}
