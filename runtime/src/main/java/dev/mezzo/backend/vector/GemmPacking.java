package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import org.jspecify.annotations.Nullable;

/**
 * Brings a product's operand, of any float type and either orientation, into panels: 16 lines (rows
 * of the left operand, columns of the right) side by side, FP32, step by step of k. All differences
 * between types and orientations end here.
 *
 * <p>A piece of {@link #STEPS} steps is first gathered or transposed as it is, 16-bit numbers in
 * pairs, then widened in one run, then copied to the panel, all in the first-level cache. Beyond an
 * operand's edge panels hold garbage, which only reaches elements of tiles that are never stored.
 */
final class GemmPacking {

  /** Lines of a panel. */
  static final int LINES = 16;

  /** Steps of k in a piece. */
  private static final int STEPS = 128;

  private static final int LANES = Lanes.COUNT;

  private final Operand operand;
  private final boolean alongK;
  private final long stride;
  private final int bytes;
  private final @Nullable WideHalves halves;

  /**
   * How to read an operand.
   *
   * @param alongK whether a line's elements are neighbours; else those of a step of k are
   * @param stride elements from a line to the next, or from a step to the next
   */
  GemmPacking(Operand operand, boolean alongK, int stride) {
    this.operand = operand;
    this.alongK = alongK;
    this.stride = stride;
    this.bytes = operand.dtype().bytes();
    boolean direct = operand.dtype().isHalf() && (!alongK || LANES == 16);
    this.halves = direct ? WideHalves.of(operand.dtype()) : null;
  }

  /**
   * Packs steps [p, p + steps) of {@code lines} lines from {@code line} on, to the heap: the left
   * operand, whose elements are read one by one.
   *
   * @param at where the first panel starts
   * @param panel elements from a panel to the next
   */
  void pack(int line, int lines, int p, int steps, float[] to, int at, int panel, Scratch scratch) {
    for (int done = 0; done < steps; done += STEPS) {
      int count = Math.min(STEPS, steps - done);
      for (int group = 0; group < lines; group += LINES) {
        int wide = Math.min(LINES, lines - group);
        arrange(line + group, wide, p + done, count, scratch);
        widen(scratch, to, at + group / LINES * panel + LINES * done, count * LINES);
      }
    }
  }

  /** As the other, to aligned memory: the right operand, whose elements are read as vectors. */
  void pack(
      int line, int lines, int p, int steps, MemorySegment to, long panelBytes, Scratch scratch) {
    for (int done = 0; done < steps; done += STEPS) {
      int count = Math.min(STEPS, steps - done);
      for (int group = 0; group < lines; group += LINES) {
        int wide = Math.min(LINES, lines - group);
        long target = group / LINES * panelBytes + 4L * LINES * done;
        if (halves == null) {
          arrange(line + group, wide, p + done, count, scratch);
          copy(scratch, count * LINES, to, target);
        } else if (widenDirectly(
            halves, line + group, wide, p + done, count, to, target, scratch)) {
          special(halves, line + group, wide, p + done, count, to, target);
        }
      }
    }
  }

  private void copy(Scratch scratch, int count, MemorySegment to, long at) {
    if (operand.dtype() == DType.FP32) {
      MemorySegment.copy(scratch.words, 0, to, JAVA_INT, at, count);
    } else {
      widen(scratch, scratch.x, 0, count);
      MemorySegment.copy(scratch.x, 0, to, JAVA_FLOAT, at, count);
    }
  }

  /** Returns whether {@link #special} is needed. */
  private boolean widenDirectly(
      WideHalves halves,
      int line,
      int lines,
      int p,
      int steps,
      MemorySegment to,
      long at,
      Scratch scratch) {
    if (alongK) {
      Source source = lineSource(line, lines, p, steps, scratch);
      int blocks = (steps + 2 * LINES - 1) / (2 * LINES);
      source.transposeWords(blocks, scratch);
      return halves.part(scratch.words, (steps + 1) / 2 * LINES, to, at);
    }
    Source source = stepSource(line, lines, p, steps, scratch);
    return halves.widen(source.data, source.start, source.rowBytes, steps, to, at);
  }

  /** Puts Inf and NaN right, which {@link WideHalves} made numbers of. */
  private void special(
      WideHalves halves, int line, int lines, int p, int steps, MemorySegment to, long at) {
    for (int q = 0; q < steps; q++) {
      for (int r = 0; r < lines; r++) {
        long index = alongK ? (line + r) * stride + p + q : (p + q) * stride + line + r;
        short half = operand.data().get(JAVA_SHORT, 2 * index);
        if (halves.isSpecial(half)) {
          to.set(JAVA_FLOAT, at + 4L * (q * LINES + r), Float.float16ToFloat(half));
        }
      }
    }
  }

  /** Brings a piece into order, as it is: to {@code scratch.halves}, or {@code scratch.words}. */
  private void arrange(int line, int lines, int p, int steps, Scratch scratch) {
    if (alongK) {
      transpose(line, lines, p, steps, scratch);
    } else {
      gather(line, lines, p, steps, scratch);
    }
  }

  private void widen(Scratch scratch, float[] to, int at, int count) {
    switch (operand.dtype()) {
      case FP16 -> Conversions.widenFp16(scratch.halves, to, at, count);
      case BF16 -> Conversions.widenBf16(scratch.halves, to, at, count);
      default -> copyBits(scratch.words, to, at, count);
    }
  }

  /** Lines are neighbours: a row of memory a step. */
  private void gather(int line, int lines, int p, int steps, Scratch scratch) {
    Source from = stepSource(line, lines, p, steps, scratch);
    if (operand.dtype() == DType.FP32) {
      gatherWords(from.data, from.start, from.rowBytes, steps, scratch.words);
    } else {
      gatherHalves(from.data, from.start, from.rowBytes, steps, scratch.halves);
    }
  }

  private static void gatherHalves(
      MemorySegment from, long start, long stride, int steps, short[] to) {
    for (int p = 0; p < steps; p++) {
      long row = start + p * stride;
      for (int i = 0; i < LINES; i += LANES) {
        ShortVector.fromMemorySegment(Lanes.SHORTS, from, row + 2L * i, Lanes.ORDER)
            .intoArray(to, p * LINES + i);
      }
    }
  }

  private static void gatherWords(
      MemorySegment from, long start, long stride, int steps, int[] to) {
    for (int p = 0; p < steps; p++) {
      long row = start + p * stride;
      for (int i = 0; i < LINES; i += LANES) {
        FloatVector.fromMemorySegment(Lanes.FLOATS, from, row + 4L * i, Lanes.ORDER)
            .reinterpretAsInts()
            .intoArray(to, p * LINES + i);
      }
    }
  }

  /** Steps are neighbours: a row of memory a line. */
  private void transpose(int line, int lines, int p, int steps, Scratch scratch) {
    Source from = lineSource(line, lines, p, steps, scratch);
    int blocks = (steps * bytes + 4 * LINES - 1) / (4 * LINES);
    if (LANES == 16 && bytes == 2) {
      Transposition.halves(
          from.data, from.start, from.rowBytes, blocks, scratch.between, scratch.halves);
    } else if (LANES == 16) {
      from.transposeWords(blocks, scratch);
    } else if (bytes == 2) {
      transposeHalves(from.data, from.start, from.rowBytes, steps, scratch.halves);
    } else {
      transposeWords(from.data, from.start, from.rowBytes, steps, scratch.words);
    }
  }

  private static void transposeHalves(
      MemorySegment from, long start, long stride, int steps, short[] to) {
    for (int r = 0; r < LINES; r++) {
      for (int p = 0; p < steps; p++) {
        to[p * LINES + r] = from.get(JAVA_SHORT, start + r * stride + 2L * p);
      }
    }
  }

  private static void transposeWords(
      MemorySegment from, long start, long stride, int steps, int[] to) {
    for (int r = 0; r < LINES; r++) {
      for (int p = 0; p < steps; p++) {
        to[p * LINES + r] = from.get(JAVA_INT, start + r * stride + 4L * p);
      }
    }
  }

  private static void copyBits(int[] from, float[] to, int at, int count) {
    for (int i = 0; i < count; i += LANES) {
      IntVector.fromArray(Lanes.INTS, from, i).reinterpretAsFloats().intoArray(to, at + i);
    }
  }

  /**
   * Rows of {@link #LINES} elements, a step each; copied where reading them would leave the
   * operand.
   */
  private Source stepSource(int line, int lines, int p, int steps, Scratch scratch) {
    long start = p * stride + line;
    if (start + (steps - 1) * stride + LINES <= operand.size()) {
      return new Source(operand.data(), start * bytes, stride * bytes);
    }
    copyRows(start, steps, lines, LINES * bytes, scratch.edge);
    return new Source(scratch.edge, 0, (long) LINES * bytes);
  }

  /**
   * {@link #LINES} rows of {@code steps} elements, a line each, and of what a block reads beyond.
   */
  private Source lineSource(int line, int lines, int p, int steps, Scratch scratch) {
    long start = line * stride + p;
    int words = 4 / bytes * LINES;
    long read = (steps + words - 1L) / words * words;
    if (lines == LINES && start + (LINES - 1) * stride + read <= operand.size()) {
      return new Source(operand.data(), start * bytes, stride * bytes);
    }
    copyRows(start, lines, steps, STEPS * bytes, scratch.edge);
    return new Source(scratch.edge, 0, (long) STEPS * bytes);
  }

  /** Copies rows of memory to where reading past their end is no harm. */
  private void copyRows(long start, int rows, int columns, int rowBytes, MemorySegment to) {
    MemorySegment from = operand.data();
    for (int r = 0; r < rows; r++) {
      long source = (start + r * stride) * bytes;
      MemorySegment.copy(
          from, JAVA_BYTE, source, to, JAVA_BYTE, (long) r * rowBytes, (long) columns * bytes);
    }
  }

  /** Rows of memory: where the first starts, and bytes from one to the next. */
  private record Source(MemorySegment data, long start, long rowBytes) {

    void transposeWords(int blocks, Scratch scratch) {
      Transposition.words(data, start, rowBytes, blocks, scratch.between, scratch.words);
    }
  }
}
