package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** Filling, casting, transposing. */
final class Movement {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private Movement() {}

  static void fill(Operand y, float value) {
    if (y.dtype() == DType.INT32) {
      int[] values = new int[Values.length(y)];
      Arrays.fill(values, (int) value);
      Values.writeInts(values, y);
    } else {
      float[] values = new float[Values.length(y)];
      Arrays.fill(values, value);
      Values.write(values, y);
    }
  }

  static void cast(Operand x, Operand y) {
    if (x.dtype() == y.dtype()) {
      MemorySegment.copy(x.data(), 0, y.data(), 0, x.size() * x.dtype().bytes());
    } else {
      Values.write(Values.read(x), y);
    }
  }

  static void transpose(Operand x, Operand y, int batch, int rows, int cols) {
    int bytes = x.dtype().bytes();
    for (int i = 0; i < batch; i++) {
      for (int row = 0; row < rows; row++) {
        for (int col = 0; col < cols; col++) {
          long from = ((long) i * rows + row) * cols + col;
          long to = ((long) i * cols + col) * rows + row;
          if (bytes == Short.BYTES) {
            y.data().set(SHORT, to * bytes, x.data().get(SHORT, from * bytes));
          } else {
            y.data().set(INT, to * bytes, x.data().get(INT, from * bytes));
          }
        }
      }
    }
  }
}
