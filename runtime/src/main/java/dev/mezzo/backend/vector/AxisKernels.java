package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.ArrayKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.Reduction;
import dev.mezzo.backend.Strided;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Movement of elements and what works along an axis. Memory is read in its order, whatever the
 * axis: where lines lie side by side, as many of them as fit a chunk go together.
 */
final class AxisKernels implements ArrayKernels {

  private static final int CHUNK = Scratch.CHUNK;

  /** Lines that go together. */
  private static final int COLUMNS = 512;

  private final Workers workers;
  private final Reductions reductions;
  private final StridedCopy copies;

  AxisKernels(Workers workers, Reductions reductions) {
    this.workers = workers;
    this.reductions = reductions;
    this.copies = new StridedCopy(workers);
  }

  @Override
  public void copy(Operand x, Operand y, Strided plan) {
    copies.run(x, y, plan);
  }

  @Override
  public void gather(Operand x, Operand index, Operand y, Reduction lines, int count) {
    int inner = lines.inner();
    long slab = (long) lines.axis() * inner;
    boolean words = x.dtype() == DType.FP32;
    short nan = (short) (x.dtype() == DType.FP16 ? 0x7e00 : 0x7fc0);
    Chunks.run(
        workers,
        y.size(),
        (from, n, s) -> {
          MemorySegment.copy(index.data(), JAVA_INT, from * 4, s.words, 0, n);
          int column = (int) (from % inner);
          int line = (int) (from / inner % count);
          long start = from / inner / count * slab;
          for (int i = 0; i < n; i++) {
            int k = s.words[i];
            boolean outside = k < 0 || k >= lines.axis();
            long source = start + (long) k * inner + column;
            if (words) {
              s.between[i] =
                  outside ? Float.floatToRawIntBits(Float.NaN) : x.data().get(JAVA_INT, source * 4);
            } else {
              s.halves[i] = outside ? nan : x.data().get(JAVA_SHORT, source * 2);
            }
            if (++column == inner) {
              column = 0;
              if (++line == count) {
                line = 0;
                start += slab;
              }
            }
          }
          if (words) {
            MemorySegment.copy(s.between, 0, y.data(), JAVA_INT, from * 4, n);
          } else {
            MemorySegment.copy(s.halves, 0, y.data(), JAVA_SHORT, from * 2, n);
          }
        });
  }

  @Override
  public void scatterAdd(Operand index, Operand source, Operand y, Reduction lines, int count) {
    int inner = lines.inner();
    int parts = (inner + COLUMNS - 1) / COLUMNS;
    run(
        lines.outer() * parts,
        source.size(),
        (task, s) -> {
          int outer = task / parts;
          int column = task % parts * COLUMNS;
          int width = Math.min(COLUMNS, inner - column);
          long start = (long) outer * lines.axis() * inner + column;
          int together = width == inner ? CHUNK / width : 1; // whole lines are neighbours
          for (int k = 0; k < count; k += together) {
            int n = Math.min(together, count - k) * width;
            long from = ((long) outer * count + k) * inner + column;
            MemorySegment.copy(index.data(), JAVA_INT, from * 4, s.words, 0, n);
            Conversions.widen(source, from, s.x, 0, n);
            for (int i = 0, c = 0; i < n; i++, c = c + 1 == width ? 0 : c + 1) {
              add(y, start + c, s.words[i], s.x[i], lines);
            }
          }
        });
  }

  /** y's line from {@code start} on: element {@code index} += value, or all NaN. */
  private static void add(Operand y, long start, int index, float value, Reduction lines) {
    boolean outside = index < 0 || index >= lines.axis();
    int first = outside ? 0 : index;
    int last = outside ? lines.axis() - 1 : index;
    for (int j = first; j <= last; j++) {
      long at = 4 * (start + (long) j * lines.inner());
      float old = Float.intBitsToFloat(y.data().get(JAVA_INT, at));
      float sum = outside ? Float.NaN : old + value;
      y.data().set(JAVA_INT, at, Float.floatToRawIntBits(sum));
    }
  }

  @Override
  public void cumulativeSum(Operand x, Operand y, Reduction lines, boolean reverse) {
    if (lines.inner() == 1) {
      reductions.eachRow(
          lines.outer(), lines.axis(), (row, s) -> rowSums(x, y, row, lines.axis(), reverse, s));
      return;
    }
    columns(
        lines,
        (outer, column, width, s) -> {
          double[] sums = new double[width];
          for (int k = 0; k < lines.axis(); k++) {
            int j = reverse ? lines.axis() - 1 - k : k;
            long at = ((long) outer * lines.axis() + j) * lines.inner() + column;
            Conversions.widen(x, at, s.x, 0, width);
            for (int i = 0; i < width; i++) {
              sums[i] += s.x[i];
              s.x[i] = (float) sums[i];
            }
            Conversions.narrow(s.x, 0, y, at, width, s.halves);
          }
        });
  }

  private static void rowSums(
      Operand x, Operand y, int row, int length, boolean reverse, Scratch s) {
    double sum = 0;
    int chunks = (length + CHUNK - 1) / CHUNK;
    for (int k = 0; k < chunks; k++) {
      int chunk = reverse ? chunks - 1 - k : k;
      int n = Math.min(CHUNK, length - chunk * CHUNK);
      long at = (long) row * length + (long) chunk * CHUNK;
      Conversions.widen(x, at, s.x, 0, n);
      for (int i = 0; i < n; i++) {
        int j = reverse ? n - 1 - i : i;
        sum += s.x[j];
        s.x[j] = (float) sum;
      }
      Conversions.narrow(s.x, 0, y, at, n, s.halves);
    }
  }

  @Override
  public void maximum(Operand x, Operand y, Reduction lines) {
    float factor = lines.factor();
    if (lines.inner() == 1) {
      RowBlock block = RowBlock.of(Math.min(CHUNK, lines.axis()), CHUNK);
      if (lines.axis() <= CHUNK) {
        block.run(
            workers,
            lines.outer(),
            (first, count, s) -> maxima(x, y, block, first, count, factor, s));
      } else {
        reductions.eachRow(
            lines.outer(), lines.axis(), (row, s) -> maximum(x, y, row, lines.axis(), factor, s));
      }
      return;
    }
    columns(
        lines,
        (outer, column, width, s) -> {
          Arrays.fill(s.y, 0, width, Float.NEGATIVE_INFINITY);
          for (int j = 0; j < lines.axis(); j++) {
            long from = ((long) outer * lines.axis() + j) * lines.inner() + column;
            Conversions.widen(x, from, s.x, 0, width);
            scale(s.x, factor, width);
            ElementWise.maximum(s.y, s.x, width);
          }
          scale(s.y, factor, width);
          Conversions.narrow(s.y, 0, y, (long) outer * lines.inner() + column, width, s.halves);
        });
  }

  /** By 1 or −1, of which a minimum is made. */
  private static void scale(float[] x, float factor, int n) {
    if (factor != 1) {
      ElementWise.scale(x, factor, n);
    }
  }

  private static void maxima(
      Operand x, Operand y, RowBlock block, int first, int count, float factor, Scratch s) {
    block.widen(x, first, count, s.x, factor * Float.NEGATIVE_INFINITY, s);
    scale(s.x, factor, count * block.stride());
    RowLoops.greatest(s.x, block.stride(), block.cols(), count, s.y);
    scale(s.y, factor, count);
    Conversions.narrow(s.y, 0, y, first, count, s.halves);
  }

  /** Of a row that is longer than a chunk. */
  private static void maximum(Operand x, Operand y, int row, int length, float factor, Scratch s) {
    float most = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < length; i += CHUNK) {
      int n = Math.min(CHUNK, length - i);
      Conversions.widen(x, (long) row * length + i, s.x, 0, n);
      scale(s.x, factor, n);
      Arrays.fill(
          s.x, n, (n + Lanes.COUNT - 1) / Lanes.COUNT * Lanes.COUNT, Float.NEGATIVE_INFINITY);
      RowLoops.greatest(s.x, 0, n, 1, s.y);
      most = Math.max(most, s.y[0]);
    }
    s.x[0] = factor * most;
    Conversions.narrow(s.x, 0, y, row, 1, s.halves);
  }

  @Override
  public void squaredDeviations(Operand x, Operand mean, Operand y, Reduction lines) {
    if (lines.inner() == 1) {
      reductions.eachRow(
          lines.outer(),
          lines.axis(),
          (row, s) -> {
            Conversions.widen(mean, row, s.w, 0, 1);
            double sum = 0;
            for (int i = 0; i < lines.axis(); i += CHUNK) {
              int n = Math.min(CHUNK, lines.axis() - i);
              Conversions.widen(x, (long) row * lines.axis() + i, s.x, 0, n);
              RowMath.subtract(s.x, 0, n, s.w[0]);
              sum += RowMath.dot(s.x, 0, s.x, 0, n);
            }
            s.x[0] = (float) (sum * lines.factor());
            Conversions.narrow(s.x, 0, y, row, 1, s.halves);
          });
      return;
    }
    columns(
        lines,
        (outer, column, width, s) -> {
          long line = (long) outer * lines.inner() + column;
          Conversions.widen(mean, line, s.y, 0, width);
          double[] sums = new double[width];
          for (int j = 0; j < lines.axis(); j++) {
            long from = ((long) outer * lines.axis() + j) * lines.inner() + column;
            Conversions.widen(x, from, s.x, 0, width);
            for (int i = 0; i < width; i++) {
              float deviation = s.x[i] - s.y[i];
              sums[i] += (double) deviation * deviation;
            }
          }
          for (int i = 0; i < width; i++) {
            s.x[i] = (float) (sums[i] * lines.factor());
          }
          Conversions.narrow(s.x, 0, y, line, width, s.halves);
        });
  }

  /** What is done to lines that lie side by side. */
  private interface Columns {
    void run(int outer, int column, int width, Scratch scratch);
  }

  private void columns(Reduction lines, Columns body) {
    int parts = (lines.inner() + COLUMNS - 1) / COLUMNS;
    run(
        lines.outer() * parts,
        (long) lines.outer() * lines.axis() * lines.inner(),
        (task, s) -> {
          int column = task % parts * COLUMNS;
          body.run(task / parts, column, Math.min(COLUMNS, lines.inner() - column), s);
        });
  }

  private void run(int tasks, long size, Workers.Task task) {
    if (workers.pays(size / Chunks.RATE)) {
      workers.run(tasks, task);
      return;
    }
    for (int i = 0; i < tasks; i++) {
      task.run(i, workers.callers());
    }
  }
}
