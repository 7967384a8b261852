package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Sums over an axis, the index of the greatest, and the histogram of exponents.
 *
 * <p>Sums are made of partial sums of at most {@link #BLOCK} numbers a lane in FP32, added in FP64
 * in a fixed order, whatever the threads: the error is at most {@code (BLOCK + 4)·2⁻²⁴·Σ|x|} before
 * the one rounding.
 */
final class Reductions {

  private static final int CHUNK = Scratch.CHUNK;
  private static final int LANES = Lanes.COUNT;

  /** Numbers that are added in FP32 before the sum goes to FP64. */
  static final int BLOCK = 128;

  /** Columns of a task. */
  private static final int COLUMNS = 512;

  private final Workers workers;

  Reductions(Workers workers) {
    this.workers = workers;
  }

  void sum(Operand x, Operand y, Reduction reduction) {
    if (reduction.inner() != 1) {
      columns(x, y, reduction);
    } else if (reduction.outer() == 1) {
      double sum =
          Chunks.sum(
              workers,
              x.size(),
              (from, n, s) -> {
                Conversions.widen(x, from, s.x, 0, n);
                return total(s.x, n);
              });
      put(y, 0, (float) (sum * reduction.factor()));
    } else {
      rows(x, y, reduction);
    }
  }

  private void rows(Operand x, Operand y, Reduction reduction) {
    int length = reduction.axis();
    if (length <= CHUNK) {
      shortRows(x, y, reduction);
      return;
    }
    eachRow(
        reduction.outer(),
        length,
        (row, s) -> {
          double sum = 0;
          for (int i = 0; i < length; i += CHUNK) {
            int n = Math.min(CHUNK, length - i);
            Conversions.widen(x, (long) row * length + i, s.x, 0, n);
            sum += total(s.x, n);
          }
          put(y, row, (float) (sum * reduction.factor()));
        });
  }

  private void shortRows(Operand x, Operand y, Reduction reduction) {
    int cols = reduction.axis();
    RowBlock block = RowBlock.of(cols, CHUNK);
    block.run(
        workers,
        reduction.outer(),
        (first, count, s) -> {
          block.widen(x, first, count, s.x, 0, s);
          RowLoops.sums(s.x, block.stride(), cols, count, s.w);
          RowLoops.totals(s.w, count, reduction.factor(), s.y);
          Conversions.narrow(s.y, 0, y, first, count, s.halves);
        });
  }

  private void columns(Operand x, Operand y, Reduction reduction) {
    int parts = (reduction.inner() + COLUMNS - 1) / COLUMNS;
    int tasks = reduction.outer() * parts;
    Workers.Task task =
        (index, scratch) -> {
          int column = index % parts * COLUMNS;
          int width = Math.min(COLUMNS, reduction.inner() - column);
          columnPart(x, y, reduction, index / parts, column, width, scratch);
        };
    if (workers.pays(x.size() / Chunks.RATE)) {
      workers.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, workers.callers());
    }
  }

  private static void columnPart(
      Operand x, Operand y, Reduction reduction, int outer, int column, int width, Scratch s) {
    int axis = reduction.axis();
    int inner = reduction.inner();
    int together = CHUNK / width;
    double[] sums = new double[width];
    for (int start = 0; start < axis; start += BLOCK) {
      int end = Math.min(axis, start + BLOCK);
      Arrays.fill(s.y, 0, width, 0f);
      for (int j = start; j < end; j += together) {
        int rows = Math.min(together, end - j);
        long from = ((long) outer * axis + j) * inner + column;
        if (inner == width) { // whole rows are neighbours
          Conversions.widen(x, from, s.x, 0, rows * width);
        } else {
          for (int r = 0; r < rows; r++) {
            Conversions.widen(x, from + (long) r * inner, s.x, r * width, width);
          }
        }
        addRows(s.x, rows, width, s.y);
      }
      for (int i = 0; i < width; i++) {
        sums[i] += s.y[i];
      }
    }
    for (int i = 0; i < width; i++) {
      s.x[i] = (float) (sums[i] * reduction.factor());
    }
    Conversions.narrow(s.x, 0, y, (long) outer * inner + column, width, s.halves);
  }

  /** Adds rows to a row of sums. */
  private static void addRows(float[] x, int rows, int width, float[] sums) {
    int c = 0;
    for (; c <= width - LANES; c += LANES) {
      FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, c);
      for (int r = 0, at = c; r < rows; r++, at += width) {
        sum = sum.add(FloatVector.fromArray(Lanes.FLOATS, x, at));
      }
      sum.intoArray(sums, c);
    }
    if (c < width) {
      VectorMask<Float> rest = Lanes.FLOATS.indexInRange(c, width);
      FloatVector sum = FloatVector.fromArray(Lanes.FLOATS, sums, c);
      for (int r = 0, at = c; r < rows; r++, at += width) {
        sum = sum.add(FloatVector.fromArray(Lanes.FLOATS, x, at, rest));
      }
      sum.intoArray(sums, c);
    }
  }

  /** x is (rows, cols), y INT32 (rows). NaN is greater than any number. */
  void argmax(Operand x, Operand y, int rows, int cols) {
    eachRow(
        rows,
        cols,
        (row, s) -> {
          int best = 0;
          float greatest = Float.NEGATIVE_INFINITY;
          for (int i = 0; i < cols; i += CHUNK) {
            int n = Math.min(CHUNK, cols - i);
            Conversions.widen(x, (long) row * cols + i, s.x, 0, n);
            int index = argmax(s.x, n, greatest);
            if (index >= 0) {
              best = i + index;
              greatest = s.x[index];
            }
          }
          y.data().setAtIndex(JAVA_INT, row, best);
        });
  }

  /** The first index of the greatest number that is greater than {@code than}, or −1. */
  private static int argmax(float[] x, int n, float than) {
    int best = -1;
    float greatest = than;
    for (int i = 0; i < n; i++) {
      if (!(x[i] <= greatest) && !Float.isNaN(greatest)) {
        best = i;
        greatest = x[i];
      }
    }
    return best;
  }

  void exponentHistogram(Operand x, float factor, Operand counts) {
    int[] total = new int[322];
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          Conversions.widen(x, from, s.x, 0, n);
          Arrays.fill(s.words, 0, total.length, 0);
          count(s.x, n, factor, s.words);
          synchronized (total) {
            for (int i = 0; i < total.length; i++) {
              total[i] += s.words[i];
            }
          }
        });
    MemorySegment data = counts.data();
    for (int i = 0; i < total.length; i++) {
      data.setAtIndex(JAVA_INT, i, data.getAtIndex(JAVA_INT, i) + total[i]);
    }
  }

  private static void count(float[] x, int n, float factor, int[] bins) {
    for (int i = 0; i < n; i++) {
      float value = x[i];
      if (value == 0) {
        bins[0]++;
      } else if (!(Math.abs(value) <= Float.MAX_VALUE)) {
        bins[321]++;
      } else {
        int exponent = Math.getExponent((double) value * factor);
        bins[1 + 160 + Math.min(159, Math.max(-160, exponent))]++;
      }
    }
  }

  /** The sum of an array: vectors of sums side by side, then theirs, in a fixed order. */
  static double total(float[] x, int n) {
    return total(x, 0, n);
  }

  /** The sum of n numbers from {@code at} on. */
  static double total(float[] x, int at, int n) {
    FloatVector a = FloatVector.zero(Lanes.FLOATS);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector d = a;
    int end = at + n;
    int i = at;
    for (; i <= end - 4 * LANES; i += 4 * LANES) {
      a = a.add(FloatVector.fromArray(Lanes.FLOATS, x, i));
      b = b.add(FloatVector.fromArray(Lanes.FLOATS, x, i + LANES));
      c = c.add(FloatVector.fromArray(Lanes.FLOATS, x, i + 2 * LANES));
      d = d.add(FloatVector.fromArray(Lanes.FLOATS, x, i + 3 * LANES));
    }
    double sum = Lanes.sum(a.add(b).add(c.add(d)));
    for (; i < end; i++) {
      sum += x[i];
    }
    return sum;
  }

  private static void put(Operand y, long index, float value) {
    Conversions.narrow(new float[] {value}, 0, y, index, 1, new short[1]);
  }

  /** Something done to a row. */
  interface Row {
    void run(int row, Scratch scratch);
  }

  /** Runs over rows of {@code length} elements, many of them to a task. */
  void eachRow(int rows, int length, Row body) {
    int perTask = Math.max(1, 8 * CHUNK / Math.max(1, length));
    int tasks = (rows + perTask - 1) / perTask;
    Workers.Task task =
        (index, scratch) -> {
          int end = Math.min(rows, (index + 1) * perTask);
          for (int row = index * perTask; row < end; row++) {
            body.run(row, scratch);
          }
        };
    if (workers.pays((double) rows * length / Chunks.RATE)) {
      workers.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, workers.callers());
    }
  }
}
