package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Operand;

/**
 * Rows of a tensor that are widened, computed and narrowed together, as many as make a chunk: in an
 * FP32 array each starts at a multiple of a vector's length. What lies between a row's end and the
 * next one is garbage.
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

  /** Blocks of a task: enough work to be worth handing to a thread. */
  private static final int TASK_BLOCKS = 8;

  static RowBlock of(int cols) {
    int stride = (cols + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT;
    return new RowBlock(cols, stride, Math.max(1, Scratch.CHUNK / Math.max(1, stride)));
  }

  /** Runs over {@code total} rows, block by block. */
  void run(Workers workers, int total, Body body) {
    int perTask = TASK_BLOCKS * rows;
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

  /** Rows [first, first + count) of x. */
  void widen(Operand x, int first, int count, float[] to, Scratch scratch) {
    long from = (long) first * cols;
    if (stride == cols || count == 1) {
      Conversions.widen(x, from, to, 0, count * cols);
      return;
    }
    float[] close = scratch.register(0);
    Conversions.widen(x, from, close, 0, count * cols);
    for (int r = 0; r < count; r++) {
      move(close, r * cols, to, r * stride);
    }
  }

  /**
   * Stores rows [first, first + count) of y, each number rounded once; {@code from} is garbage
   * then.
   */
  void narrow(float[] from, int first, int count, Operand y, Scratch scratch) {
    if (stride != cols) {
      for (int r = 1; r < count; r++) {
        move(from, r * stride, from, r * cols);
      }
    }
    int size = count * cols;
    Conversions.narrow(from, 0, y, (long) first * cols, size, scratch.halves(size));
  }

  /** A row, and up to a vector less one number of what is behind it. */
  private void move(float[] from, int at, float[] to, int toAt) {
    for (int i = 0; i < cols; i += Lanes.COUNT) {
      fromArray(FLOATS, from, at + i).intoArray(to, toAt + i);
    }
  }
}
