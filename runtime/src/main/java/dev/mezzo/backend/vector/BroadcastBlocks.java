package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Walks over results with broadcast operands, some of them at a time: a part of a row, or as many
 * whole rows as fit.
 */
final class BroadcastBlocks {

  /** Elements of a task: enough work to be worth handing to a thread. */
  private static final int TASK = 8 * Scratch.CHUNK;

  private static final int LANES = Lanes.COUNT;

  /** The array of the scratch for numbers that are repeated. */
  private static final int NUMBERS = 13;

  private final Workers workers;
  private final int[] dims;
  private final long[][] strides;
  private final long size;
  private final boolean[] contiguous;
  private final boolean[] repeated;
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
    this.repeated = new boolean[strides.length];
    for (int i = 0; i < strides.length; i++) {
      contiguous[i] = isContiguous(strides[i]);
      repeated[i] = isRepeated(strides[i]);
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
              body.run(new Block(0, from + at, 1, Math.min(chunk, n - at), at == 0, s), s);
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
          long first = (long) index * perTask * blockRows;
          for (long row = first; row < end; row += blockRows) {
            int rows = (int) Math.min(blockRows, end - row);
            for (int at = 0; at < length; at += chunk) {
              boolean begins = row == first || length > chunk;
              int width = Math.min(chunk, length - at);
              body.run(new Block(row, at, rows, width, begins, scratch), scratch);
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
    private final boolean begins;
    private final Scratch scratch;

    private Block(long row, long at, int rows, int width, boolean begins, Scratch scratch) {
      this.row = row;
      this.at = at;
      this.rows = rows;
      this.width = width;
      this.begins = begins;
      this.scratch = scratch;
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

    /**
     * Whether an array may lack the elements of operand number {@code which}: false where the same
     * thread has read the same ones just before, of a row or a number that is repeated.
     */
    boolean isFresh(int which) {
      return begins || !repeated[which];
    }

    /** Reads the elements of operand number {@code which}; of INT32, what is not 0 stays so. */
    void read(Operand x, int which, float[] to) {
      long[] steps = strides[which];
      if (contiguous[which]) {
        widen(x, to(), to, 0, count());
      } else if (steps[dims.length - 1] == 0) {
        readNumbers(x, steps, to);
      } else if (repeated[which]) {
        readRepeated(x, steps, to);
      } else {
        readRows(x, steps, to);
      }
    }

    /** Rows, each of which may be the one before. */
    private void readRows(Operand x, long[] steps, float[] to) {
      long before = -1;
      for (int r = 0; r < rows; r++) {
        long from = offset(row + r, steps) + at * steps[dims.length - 1];
        if (from != before) {
          readRow(x, from, steps[dims.length - 1], to, r * width);
        } else {
          System.arraycopy(to, (r - 1) * width, to, r * width, width);
        }
        before = from;
      }
    }

    /** One row, repeated. */
    private void readRepeated(Operand x, long[] steps, float[] to) {
      readRow(x, at * steps[dims.length - 1], steps[dims.length - 1], to, 0);
      for (int done = width; done < count(); done *= 2) {
        System.arraycopy(to, 0, to, done, Math.min(done, count() - done));
      }
    }

    private void readRow(Operand x, long from, long step, float[] to, int start) {
      if (step == 1) {
        widen(x, from, to, start, width);
      } else {
        for (int i = 0; i < width; i++) {
          widen(x, from + i * step, to, start + i, 1);
        }
      }
    }

    /** Of each row one number, repeated. */
    private void readNumbers(Operand x, long[] steps, float[] to) {
      float[] numbers = scratch.large(NUMBERS, rows);
      long step = dims.length == 1 ? 0 : steps[dims.length - 2];
      for (int r = 0; r < rows; ) {
        int together = dims.length == 1 ? 1 : (int) Math.min(rows - r, left(row + r));
        long from = offset(row + r, steps);
        if (step == 1) {
          widen(x, from, numbers, r, together);
        } else {
          for (int i = 0; i < together; i++) {
            widen(x, from + i * step, numbers, r + i, 1);
          }
        }
        r += together;
      }
      spread(numbers, rows, width, to);
    }

    /** The same as whole numbers, exactly, of INT32. */
    void read(Operand x, int which, int[] to) {
      long[] steps = strides[which];
      if (contiguous[which]) {
        MemorySegment.copy(x.data(), JAVA_INT, to() * 4, to, 0, count());
        return;
      }
      for (int r = 0; r < rows; r++) {
        long from = offset(row + r, steps) + at * steps[dims.length - 1];
        for (int i = 0; i < width; i++) {
          to[r * width + i] = x.data().getAtIndex(JAVA_INT, from + i * steps[dims.length - 1]);
        }
      }
    }

    private void widen(Operand x, long from, float[] to, int start, int count) {
      if (x.dtype() != DType.INT32) {
        Conversions.widen(x, from, to, start, count);
        return;
      }
      for (int i = 0; i < count; i++) {
        to[start + i] = x.data().getAtIndex(JAVA_INT, from + i);
      }
    }
  }

  /** to = each number {@code width} times. */
  private static void spread(float[] numbers, int count, int width, float[] to) {
    int at = 0;
    int r = 0;
    for (; r < count && at + width + LANES <= to.length; r++) { // what is too much comes later
      FloatVector number = FloatVector.broadcast(FLOATS, numbers[r]);
      for (int i = at; i < at + width; i += LANES) {
        number.intoArray(to, i);
      }
      at += width;
    }
    for (; r < count; r++) {
      Arrays.fill(to, r * width, (r + 1) * width, numbers[r]);
    }
  }

  /** How many rows from {@code row} on are neighbours in the last but one dimension. */
  private long left(long row) {
    int length = dims[dims.length - 2];
    return length - row % length;
  }

  private boolean isRepeated(long[] steps) {
    for (int d = 0; d < dims.length - 1; d++) {
      if (steps[d] != 0) {
        return false;
      }
    }
    return dims.length > 1 || steps[0] == 0;
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
