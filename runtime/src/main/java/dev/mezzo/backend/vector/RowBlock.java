package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Operand;
import java.util.Arrays;
import jdk.incubator.vector.VectorMask;

/**
 * Rows of a tensor that are widened, computed and narrowed together, as many as make a chunk: in an
 * FP32 array each starts at a multiple of a vector's length. What lies between a row's end and the
 * next one is a filling.
 *
 * @param cols numbers of a row
 * @param stride from a row to the next in the array
 * @param rows most of a block; at least 1
 */
record RowBlock(int cols, int stride, int rows) {

  /** Something done to rows [first, first + count). */
  interface Body {
    void run(int first, int count, Scratch scratch);
  }

  private static final int LANES = Lanes.COUNT;

  /** Least numbers of a task: enough work to be worth handing to a thread. */
  private static final int TASK = 1 << 14;

  /** Blocks of about so many numbers, at most a chunk. */
  static RowBlock of(int cols, int numbers) {
    int stride = (cols + LANES - 1) / LANES * LANES;
    return new RowBlock(cols, stride, Math.max(1, numbers / Math.max(LANES, stride)));
  }

  /** Runs over {@code total} rows, block by block. */
  void run(Workers workers, int total, Body body) {
    int perTask = Math.max(1, TASK / Math.max(1, stride * rows)) * rows;
    int tasks = (int) (((long) total + perTask - 1) / perTask);
    Workers.Task task =
        (index, scratch) -> {
          int end = (int) Math.min(total, (index + 1L) * perTask);
          for (int first = index * perTask; first < end; first += rows) {
            body.run(first, Math.min(rows, end - first), scratch);
          }
        };
    if (workers.pays((double) total * cols / Chunks.RATE)) {
      workers.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, workers.callers());
    }
  }

  /** Rows [first, first + count) of x, filled up to the end of a vector with {@code fill}. */
  void widen(Operand x, int first, int count, float[] to, float fill, Scratch scratch) {
    long from = (long) first * cols;
    if (stride == cols) {
      Conversions.widen(x, from, to, 0, count * cols);
    } else if (count == 1) {
      Conversions.widen(x, from, to, 0, cols);
      Arrays.fill(to, cols, stride, fill);
    } else {
      float[] close = scratch.register(0);
      Conversions.widen(x, from, close, 0, count * cols);
      spread(close, count, to, fill);
    }
  }

  /**
   * Stores rows [first, first + count) of y, each number rounded once; {@code from} is garbage
   * then.
   */
  void narrow(float[] from, int first, int count, Operand y, Scratch scratch) {
    if (stride != cols) {
      close(from, count);
    }
    int size = count * cols;
    Conversions.narrow(from, 0, y, (long) first * cols, size, scratch.halves(size));
  }

  private void spread(float[] from, int count, float[] to, float fill) {
    int last = stride - LANES;
    VectorMask<Float> beyond = FLOATS.indexInRange(0, cols - last).not();
    for (int r = 0; r < count; r++) {
      int at = r * cols;
      int toAt = r * stride;
      for (int i = 0; i < last; i += LANES) {
        fromArray(FLOATS, from, at + i).intoArray(to, toAt + i);
      }
      fromArray(FLOATS, from, at + last).blend(fill, beyond).intoArray(to, toAt + last);
    }
  }

  /** Brings rows together; behind each lies a part of what was behind it, until the next comes. */
  private void close(float[] x, int count) {
    for (int r = 1; r < count; r++) {
      for (int i = 0; i < cols; i += LANES) {
        fromArray(FLOATS, x, r * stride + i).intoArray(x, r * cols + i);
      }
    }
  }
}
