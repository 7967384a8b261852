package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Filling, casting, transposing. */
final class Movement {

  /**
   * Rows and columns that are transposed together: read and written lines stay in the first-level
   * cache.
   */
  static final int TILE = 32;

  private final Workers workers;

  Movement(Workers workers) {
    this.workers = workers;
  }

  void fill(Operand y, float value) {
    boolean integers = y.dtype() == DType.INT32;
    Chunks.run(
        workers,
        y.size(),
        (from, n, s) -> {
          if (integers) {
            Arrays.fill(s.words, 0, n, (int) value);
            MemorySegment.copy(s.words, 0, y.data(), JAVA_INT, from * 4, n);
          } else {
            Arrays.fill(s.x, 0, n, value);
            Conversions.narrow(s.x, 0, y, from, n, s.halves);
          }
        });
  }

  /** Equal types are copied as they are, bit by bit. */
  void cast(Operand x, Operand y) {
    int bytes = x.dtype().bytes();
    boolean same = x.dtype() == y.dtype();
    Chunks.run(
        workers,
        x.size(),
        (from, n, s) -> {
          if (same) {
            MemorySegment.copy(x.data(), from * bytes, y.data(), from * bytes, (long) n * bytes);
          } else {
            Conversions.widen(x, from, s.x, 0, n);
            Conversions.narrow(s.x, 0, y, from, n, s.halves);
          }
        });
  }

  void transpose(Operand x, Operand y, int batch, int rows, int cols) {
    int strips = (rows + TILE - 1) / TILE;
    Workers.Task task =
        (index, scratch) -> {
          long matrix = (long) (index / strips) * rows * cols;
          int row = index % strips * TILE;
          int high = Math.min(TILE, rows - row);
          for (int col = 0; col < cols; col += TILE) {
            int wide = Math.min(TILE, cols - col);
            boolean whole = Lanes.COUNT == 16 && high == TILE && wide == TILE;
            long from = matrix + (long) row * cols + col;
            long to = matrix + (long) col * rows + row;
            if (whole && x.dtype().bytes() == 2) {
              wholeHalves(x.data(), from * 2, cols * 2L, y.data(), to * 2, rows * 2L, scratch);
            } else if (whole) {
              wholeWords(x.data(), from * 4, cols * 4L, y.data(), to * 4, rows * 4L, scratch);
            } else if (x.dtype().bytes() == 2) {
              halves(
                  x.data(), from * 2, cols * 2L, y.data(), to * 2, rows * 2L, high, wide, scratch);
            } else {
              words(
                  x.data(), from * 4, cols * 4L, y.data(), to * 4, rows * 4L, high, wide, scratch);
            }
          }
        };
    workers.run(batch * strips, task);
  }

  /** A whole tile, in registers: its upper 16 rows, then the lower ones. */
  private static void wholeHalves(
      MemorySegment x,
      long from,
      long rowBytes,
      MemorySegment y,
      long to,
      long colBytes,
      Scratch s) {
    Transposition.halves(x, from, rowBytes, 1, s.between, s.halves);
    Transposition.halves(x, from + 16 * rowBytes, rowBytes, 1, s.between, s.moreHalves);
    for (int c = 0; c < TILE; c++) {
      long column = to + c * colBytes;
      ShortVector.fromArray(Lanes.SHORTS, s.halves, 16 * c)
          .intoMemorySegment(y, column, Lanes.ORDER);
      ShortVector.fromArray(Lanes.SHORTS, s.moreHalves, 16 * c)
          .intoMemorySegment(y, column + 32, Lanes.ORDER);
    }
  }

  /** As {@link #wholeHalves}, of 32-bit numbers. */
  private static void wholeWords(
      MemorySegment x,
      long from,
      long rowBytes,
      MemorySegment y,
      long to,
      long colBytes,
      Scratch s) {
    for (int r = 0; r < TILE; r += 16) {
      Transposition.words(x, from + r * rowBytes, rowBytes, 2, s.between, s.words);
      for (int c = 0; c < TILE; c++) {
        IntVector.fromArray(Lanes.INTS, s.words, 16 * c)
            .intoMemorySegment(y, to + c * colBytes + 4L * r, Lanes.ORDER);
      }
    }
  }

  static void halves(
      MemorySegment x,
      long from,
      long rowBytes,
      MemorySegment y,
      long to,
      long colBytes,
      int high,
      int wide,
      Scratch s) {
    for (int r = 0; r < high; r++) {
      MemorySegment.copy(x, JAVA_SHORT, from + r * rowBytes, s.halves, r * TILE, wide);
    }
    for (int c = 0; c < wide; c++) {
      for (int r = 0; r < high; r++) {
        s.moreHalves[r] = s.halves[r * TILE + c];
      }
      MemorySegment.copy(s.moreHalves, 0, y, JAVA_SHORT, to + c * colBytes, high);
    }
  }

  static void words(
      MemorySegment x,
      long from,
      long rowBytes,
      MemorySegment y,
      long to,
      long colBytes,
      int high,
      int wide,
      Scratch s) {
    for (int r = 0; r < high; r++) {
      MemorySegment.copy(x, JAVA_INT, from + r * rowBytes, s.words, r * TILE, wide);
    }
    for (int c = 0; c < wide; c++) {
      for (int r = 0; r < high; r++) {
        s.between[r] = s.words[r * TILE + c];
      }
      MemorySegment.copy(s.between, 0, y, JAVA_INT, to + c * colBytes, high);
    }
  }
}
