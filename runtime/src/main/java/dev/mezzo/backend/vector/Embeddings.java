package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.EmbeddingKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Rotation;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Rows of a table by their number. For the gradient, positions are sorted by the row that they
 * name; then each row that occurs is summed, a chunk of columns at a time, and stored once.
 */
final class Embeddings implements EmbeddingKernels {

  private static final int CHUNK = Scratch.CHUNK;

  /** Least elements of a task. */
  private static final int TASK = 1 << 14;

  private final Workers workers;
  private final Movement movement;

  Embeddings(Workers workers, Movement movement) {
    this.workers = workers;
    this.movement = movement;
  }

  @Override
  public void gather(Operand weight, Operand indices, Operand y, int cols) {
    int count = Math.toIntExact(indices.size());
    long rowBytes = (long) cols * weight.dtype().bytes();
    int perTask = Math.max(1, TASK / Math.max(1, cols));
    workers.run(
        (count + perTask - 1) / perTask,
        (task, s) -> {
          for (int i = task * perTask; i < Math.min(count, (task + 1) * perTask); i++) {
            int index = indices.data().getAtIndex(JAVA_INT, i);
            if (isRow(index, weight, cols)) {
              MemorySegment.copy(weight.data(), index * rowBytes, y.data(), i * rowBytes, rowBytes);
            } else {
              for (int from = 0; from < cols; from += CHUNK) {
                int n = Math.min(CHUNK, cols - from);
                Arrays.fill(s.x, 0, n, Float.NaN);
                Conversions.narrow(s.x, 0, y, (long) i * cols + from, n, s.halves);
              }
            }
          }
        });
  }

  @Override
  public void scatter(Operand dy, Operand indices, Operand dWeight, int cols) {
    if (!dWeight.adds()) {
      movement.fill(dWeight, 0);
    }
    if (cols == 0 || dWeight.size() == 0) {
      return;
    }
    long[] sorted = sorted(indices, dWeight, cols);
    int[] starts = starts(sorted);
    int rows = starts.length - 1;
    int perTask =
        Math.max(1, (int) ((long) TASK * rows / Math.max(1L, (long) sorted.length * cols)));
    workers.run(
        (rows + perTask - 1) / perTask,
        (task, s) -> {
          for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            sum(dy, sorted, starts[row], starts[row + 1], dWeight, cols, s);
          }
        });
  }

  @Override
  public void rotate(Rotation r, Operand x, Operand y) {
    int blocks = (r.time() + RotaryAngles.BLOCK - 1) / RotaryAngles.BLOCK;
    int width = r.heads() * r.dim();
    workers.run(
        blocks,
        (block, s) -> {
          int end = Math.min(r.time(), (block + 1) * RotaryAngles.BLOCK);
          RotaryAngles angles = new RotaryAngles(r, block * RotaryAngles.BLOCK);
          float[] row = s.large(0, width);
          for (int t = block * RotaryAngles.BLOCK; t < end; t++) {
            for (int b = 0; b < r.batch(); b++) {
              long at = ((long) b * r.time() + t) * width;
              Conversions.widen(x, at, row, 0, width);
              for (int head = 0; head < r.rotated(); head++) {
                angles.turn(row, head * r.dim());
              }
              Conversions.narrow(row, 0, y, at, width, s.halves(width));
            }
            angles.next();
          }
        });
  }

  /** The sum of the rows of dy at the positions sorted[from, to), which name one row. */
  private static void sum(
      Operand dy, long[] sorted, int from, int to, Operand dWeight, int cols, Scratch s) {
    long row = sorted[from] >> 32;
    for (int column = 0; column < cols; column += CHUNK) {
      int n = Math.min(CHUNK, cols - column);
      Conversions.widen(dy, (int) sorted[from] * (long) cols + column, s.x, 0, n);
      for (int i = from + 1; i < to; i++) {
        Conversions.widen(dy, (int) sorted[i] * (long) cols + column, s.y, 0, n);
        GemmStore.add(s.x, 0, s.y, 0, n);
      }
      Conversions.narrow(s.x, 0, dWeight, row * cols + column, n, s.halves);
    }
  }

  /** Row and position of each index that names a row, in one number, in order. */
  private static long[] sorted(Operand indices, Operand table, int cols) {
    int count = Math.toIntExact(indices.size());
    long[] keys = new long[count];
    int valid = 0;
    for (int i = 0; i < count; i++) {
      int index = indices.data().getAtIndex(JAVA_INT, i);
      if (isRow(index, table, cols)) {
        keys[valid++] = (long) index << 32 | i;
      }
    }
    Arrays.sort(keys, 0, valid);
    return Arrays.copyOf(keys, valid);
  }

  /** Where each row's positions begin, and the end of the last. */
  private static int[] starts(long[] sorted) {
    int[] starts = new int[sorted.length + 1];
    int rows = 0;
    for (int i = 0; i < sorted.length; i++) {
      if (i == 0 || sorted[i] >> 32 != sorted[i - 1] >> 32) {
        starts[rows++] = i;
      }
    }
    starts[rows] = sorted.length;
    return Arrays.copyOf(starts, rows + 1);
  }

  private static boolean isRow(int index, Operand table, int cols) {
    return index >= 0 && (long) index * cols < table.size();
  }
}
