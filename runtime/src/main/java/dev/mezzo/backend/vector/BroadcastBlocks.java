package dev.mezzo.backend.vector;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import java.util.Arrays;

/**
 * Walks over results with broadcast operands, some of them at a time: a part of a row, or as many
 * whole rows as fit.
 */
final class BroadcastBlocks {

  /** Elements of a task: enough work to be worth handing to a thread. */
  private static final int TASK = 8 * Scratch.CHUNK;

  private final Workers workers;
  private final int[] dims;
  private final long[][] strides;
  private final long size;
  private final boolean[] contiguous;
  private final int length;
  private final int chunk;

  /**
   * A walk.
   *
   * @param size of the results
   * @param chunk most elements of a block, at most {@link Scratch#CHUNK}
   */
  BroadcastBlocks(Workers workers, Broadcast broadcast, long size, int chunk) {
    this.workers = workers;
    this.dims = broadcast.dims();
    this.strides = broadcast.strides();
    this.size = size;
    this.length = dims[dims.length - 1];
    this.chunk = chunk;
    this.contiguous = new boolean[strides.length];
    for (int i = 0; i < strides.length; i++) {
      contiguous[i] = isContiguous(strides[i]);
    }
  }

  /** What is done to a block. */
  interface Body {
    void run(Block block, Scratch scratch);
  }

  void run(Body body) {
    if (size == 0) {
      return;
    }
    if (dims.length == 1) {
      Chunks.run(
          workers,
          size,
          (from, n, s) -> {
            for (int at = 0; at < n; at += chunk) {
              body.run(new Block(0, from + at, 1, Math.min(chunk, n - at)), s);
            }
          });
      return;
    }
    long allRows = size / length;
    int blockRows = Math.max(1, chunk / length);
    long blocks = (allRows + blockRows - 1) / blockRows;
    int perTask = Math.max(1, TASK / (blockRows * length));
    int tasks = Math.toIntExact((blocks + perTask - 1) / perTask);
    Workers.Task task =
        (index, scratch) -> {
          long end = Math.min(allRows, (index + 1L) * perTask * blockRows);
          for (long row = (long) index * perTask * blockRows; row < end; row += blockRows) {
            int rows = (int) Math.min(blockRows, end - row);
            for (int at = 0; at < length; at += chunk) {
              body.run(new Block(row, at, rows, Math.min(chunk, length - at)), scratch);
            }
          }
        };
    if (workers.pays(size / Chunks.RATE)) {
      workers.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, workers.callers());
    }
  }

  /** {@code width} elements from {@code at} on, of some rows. */
  final class Block {
    private final long row;
    private final long at;
    private final int rows;
    private final int width;

    private Block(long row, long at, int rows, int width) {
      this.row = row;
      this.at = at;
      this.rows = rows;
      this.width = width;
    }

    /** How many elements. */
    int count() {
      return rows * width;
    }

    /** The first result's index. */
    long to() {
      return row * length + at;
    }

    /** Whether the elements of operand number {@code which} are those from {@link #to} on. */
    boolean isContiguous(int which) {
      return contiguous[which];
    }

    /** Reads the elements of operand number {@code which}. */
    void read(Operand x, int which, float[] to) {
      long[] steps = strides[which];
      if (contiguous[which]) {
        Conversions.widen(x, to(), to, 0, count());
        return;
      }
      long before = -1;
      for (int r = 0; r < rows; r++) {
        long from = offset(row + r, steps) + at * steps[dims.length - 1];
        if (from == before) {
          System.arraycopy(to, (r - 1) * width, to, r * width, width);
        } else {
          readRow(x, from, steps[dims.length - 1], to, r * width);
        }
        before = from;
      }
    }

    private void readRow(Operand x, long from, long step, float[] to, int start) {
      if (step == 1) {
        Conversions.widen(x, from, to, start, width);
      } else if (step == 0) {
        Conversions.widen(x, from, to, start, 1);
        Arrays.fill(to, start + 1, start + width, to[start]);
      } else {
        for (int i = 0; i < width; i++) {
          Conversions.widen(x, from + i * step, to, start + i, 1);
        }
      }
    }
  }

  private boolean isContiguous(long[] steps) {
    long step = 1;
    for (int d = dims.length - 1; d >= 0; d--) {
      if (steps[d] != step) {
        return false;
      }
      step *= dims[d];
    }
    return true;
  }

  /** Where a row (all dimensions but the last, in one number) starts. */
  private long offset(long row, long[] steps) {
    long offset = 0;
    long rest = row;
    for (int d = dims.length - 2; d >= 0; d--) {
      offset += rest % dims[d] * steps[d];
      rest /= dims[d];
    }
    return offset;
  }
}
