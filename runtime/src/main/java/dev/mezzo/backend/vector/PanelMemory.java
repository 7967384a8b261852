package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/** Pieces of up to 16 columns of rows in memory, as FP32 panels in near caches, and back. */
final class PanelMemory {

  private static final int LANES = Lanes.COUNT;
  private static final int LINES = TileProduct.LINES;

  private PanelMemory() {}

  /** to[at + 16·r + i] = x[from + r·stride + i], i below {@code width}. */
  static void load(
      Operand x, long from, int stride, int rows, int width, float[] to, int at, Scratch scratch) {
    new GemmPacking(x.slice(from, x.size() - from), false, stride)
        .pack(0, width, 0, rows, to, at, rows * LINES, scratch);
  }

  /** The reverse, rounded. */
  static void store(
      float[] from, int at, int rows, int width, Operand y, long to, int stride, Scratch scratch) {
    short[] halves = scratch.halves(rows * LINES);
    switch (y.dtype()) {
      case FP16 -> Conversions.narrowFp16(from, at, halves, rows * LINES);
      case BF16 -> Conversions.narrowBf16(from, at, halves, rows * LINES);
      default -> {
        for (int r = 0; r < rows; r++) {
          Conversions.narrow(from, at + r * LINES, y, to + (long) r * stride, width, halves);
        }
        return;
      }
    }
    for (int r = 0; r < rows; r++) {
      row(halves, r * LINES, width, y.data(), 2 * (to + (long) r * stride));
    }
  }

  private static void row(short[] from, int at, int width, MemorySegment to, long offset) {
    if (width < LINES) {
      MemorySegment.copy(from, at, to, JAVA_SHORT, offset, width);
      return;
    }
    for (int i = 0; i < LINES; i += LANES) {
      ShortVector.fromArray(Lanes.SHORTS, from, at + i)
          .intoMemorySegment(to, offset + 2L * i, Lanes.ORDER);
    }
  }
}
