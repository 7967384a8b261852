package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.Broadcast;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Walks over results with broadcast operands, a chunk of a row of them at a time. */
final class BroadcastRows {

  private static final int CHUNK = Scratch.CHUNK;

  private final Workers workers;

  BroadcastRows(Workers workers) {
    this.workers = workers;
  }

  /**
   * What is done to n results from {@code to} on, whose operands start at {@code at}. Where {@code
   * fresh} is false, the same thread was given the same elements of that operand just before: a row
   * that is added to every row.
   */
  interface Body {
    void run(long[] at, boolean[] fresh, long to, int n, Scratch scratch);
  }

  void run(Broadcast broadcast, long size, Body body) {
    int[] dims = broadcast.dims();
    long[][] strides = broadcast.strides();
    int last = dims.length - 1;
    int length = dims[last];
    if (dims.length == 1) {
      Chunks.run(
          workers,
          length,
          (from, n, s) -> {
            long[] at = new long[strides.length];
            boolean[] fresh = new boolean[strides.length];
            Arrays.fill(fresh, true);
            for (int i = 0; i < at.length; i++) {
              at[i] = from * strides[i][0];
            }
            body.run(at, fresh, from, n, s);
          });
      return;
    }
    if (size == 0) {
      return;
    }
    int rows = Math.toIntExact(size / length);
    int taskRows = Math.max(1, (8 * CHUNK + length - 1) / length);
    int tasks = !workers.pays(size / Chunks.RATE) ? 1 : (rows + taskRows - 1) / taskRows;
    int perTask = (rows + tasks - 1) / tasks;
    workers.run(
        tasks,
        (index, scratch) -> {
          long[] at = new long[strides.length];
          boolean[] fresh = new boolean[strides.length];
          Arrays.fill(at, -1);
          int end = Math.min(rows, (index + 1) * perTask);
          for (int row = index * perTask; row < end; row++) {
            for (int i = 0; i < length; i += CHUNK) {
              for (int k = 0; k < at.length; k++) {
                long start = offset(row, dims, strides[k]) + i * strides[k][last];
                fresh[k] = start != at[k] || length > CHUNK;
                at[k] = start;
              }
              int n = Math.min(CHUNK, length - i);
              body.run(at, fresh, (long) row * length + i, n, scratch);
            }
          }
        });
  }

  /** Where a row (all dimensions but the last, in one number) starts. */
  private static long offset(int row, int[] dims, long[] strides) {
    long offset = 0;
    int rest = row;
    for (int d = dims.length - 2; d >= 0; d--) {
      offset += rest % dims[d] * strides[d];
      rest /= dims[d];
    }
    return offset;
  }

  /** n elements along the last dimension; of INT32, what is not 0 stays so. */
  static void read(Operand x, long from, long[] strides, float[] to, int n, Scratch s) {
    long stride = strides[strides.length - 1];
    if (stride == 1) {
      widen(x, from, to, 0, n, s);
    } else if (stride == 0) {
      widen(x, from, to, 0, 1, s);
      Arrays.fill(to, 1, n, to[0]);
    } else {
      for (int i = 0; i < n; i++) {
        widen(x, from + i * stride, to, i, 1, s);
      }
    }
  }

  /** The same of INT32, exactly. */
  static void readInts(Operand x, long from, long[] strides, int[] to, int n) {
    long stride = strides[strides.length - 1];
    if (stride == 1) {
      MemorySegment.copy(x.data(), JAVA_INT, from * 4, to, 0, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      to[i] = x.data().getAtIndex(JAVA_INT, from + i * stride);
    }
  }

  private static void widen(Operand x, long from, float[] to, int at, int n, Scratch s) {
    if (x.dtype() != DType.INT32) {
      Conversions.widen(x, from, to, at, n);
      return;
    }
    MemorySegment.copy(x.data(), JAVA_INT, from * 4, s.words, 0, n);
    for (int i = 0; i < n; i++) {
      to[at + i] = s.words[i];
    }
  }
}
