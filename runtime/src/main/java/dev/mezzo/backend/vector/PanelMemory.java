package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;

/**
 * Pieces of rows in memory, as FP32 panels of 16 columns in near caches, and back: column {@code c}
 * of row {@code r} is {@code from + r·stride + c} there, and {@code c / 16·tile + 16·r + c % 16}
 * here.
 *
 * @param tile elements from a panel to the next
 */
record PanelMemory(Operand memory, long from, int stride, int rows, int columns, int tile) {

  private static final int LANES = Lanes.COUNT;
  private static final int LINES = TileProduct.LINES;

  /** Fewer rows are brought here one by one, each as a whole. */
  private static final int FEW = 5;

  /** To {@code to}, from {@code at} on. */
  void load(float[] to, int at, Scratch scratch) {
    if (tile == LINES) {
      Conversions.widen(memory, from, to, at, columns);
    } else if (rows < FEW && columns <= Scratch.CHUNK) {
      for (int r = 0; r < rows; r++) {
        Conversions.widen(memory, from + (long) r * stride, scratch.x, 0, columns);
        for (int c = 0; c < columns; c += LINES) {
          System.arraycopy(scratch.x, c, to, at + c / LINES * tile + r * LINES, LINES);
        }
      }
    } else {
      new GemmPacking(memory.slice(from, memory.size() - from), false, stride)
          .pack(0, columns, 0, rows, to, at, tile, scratch);
    }
  }

  /** The reverse, rounded. */
  void store(float[] values, int at, Scratch scratch) {
    if (tile == LINES) {
      Conversions.narrow(values, at, memory, from, columns, scratch.halves(columns));
      return;
    }
    for (int c = 0; c < columns; c += LINES) {
      storePanel(values, at + c / LINES * tile, c, Math.min(LINES, columns - c), scratch);
    }
  }

  private void storePanel(float[] values, int at, int column, int width, Scratch scratch) {
    short[] halves = scratch.halves(rows * LINES);
    switch (memory.dtype()) {
      case FP16 -> Conversions.narrowFp16(values, at, halves, rows * LINES);
      case BF16 -> Conversions.narrowBf16(values, at, halves, rows * LINES);
      default -> {
        for (int r = 0; r < rows; r++) {
          long to = from + (long) r * stride + column;
          Conversions.narrow(values, at + r * LINES, memory, to, width, halves);
        }
        return;
      }
    }
    for (int r = 0; r < rows; r++) {
      row(halves, r * LINES, width, memory.data(), 2 * (from + (long) r * stride + column));
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
