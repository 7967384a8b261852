package dev.mezzo.backend.vector;

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
  void widen(Operand x, int first, int count, float[] to) {
    long from = (long) first * cols;
    if (stride == cols) {
      Conversions.widen(x, from, to, 0, count * cols);
      return;
    }
    for (int r = 0; r < count; r++) {
      Conversions.widen(x, from + (long) r * cols, to, r * stride, cols);
    }
  }

  /** Stores rows [first, first + count) of y, each number rounded once. */
  void narrow(float[] from, int first, int count, Operand y, Scratch scratch) {
    long to = (long) first * cols;
    if (stride == cols) {
      Conversions.narrow(from, 0, y, to, count * cols, scratch.halves(count * cols));
      return;
    }
    short[] halves = scratch.halves(cols);
    for (int r = 0; r < count; r++) {
      Conversions.narrow(from, r * stride, y, to + (long) r * cols, cols, halves);
    }
  }
}
