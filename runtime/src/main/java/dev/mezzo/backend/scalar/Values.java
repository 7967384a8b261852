package dev.mezzo.backend.scalar;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.BFloat16;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Copies between operands and Java arrays. Widening is exact; narrowing rounds to nearest, ties to
 * even; NaN stays NaN.
 */
final class Values {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;

  private Values() {}

  /** The elements of a float operand. */
  static float[] read(Operand x) {
    float[] values = new float[length(x)];
    MemorySegment data = x.data();
    switch (x.dtype()) {
      case FP32 -> MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
      case FP16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.float16ToFloat(data.get(SHORT, 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = BFloat16.toFloat(data.get(SHORT, 2L * i));
        }
      }
      case INT32 -> throw notFloat(x);
    }
    return values;
  }

  /** Stores one value for each element of a float operand, or adds it. */
  static void write(float[] values, Operand y) {
    if (y.adds()) {
      float[] sums = read(y);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += values[i];
      }
      write(sums, new Operand(y.data(), y.dtype(), y.size()));
      return;
    }
    MemorySegment data = y.data();
    int length = length(y);
    switch (y.dtype()) {
      case FP32 -> MemorySegment.copy(values, 0, data, FLOAT, 0, length);
      case FP16 -> {
        for (int i = 0; i < length; i++) {
          data.set(SHORT, 2L * i, Float.floatToFloat16(values[i]));
        }
      }
      case BF16 -> {
        for (int i = 0; i < length; i++) {
          data.set(SHORT, 2L * i, BFloat16.fromFloat(values[i]));
        }
      }
      case INT32 -> throw notFloat(y);
    }
  }

  /** The elements of an INT32 operand. */
  static int[] readInts(Operand x) {
    int[] values = new int[length(x)];
    MemorySegment.copy(x.data(), INT, 0, values, 0, values.length);
    return values;
  }

  static void writeInts(int[] values, Operand y) {
    MemorySegment.copy(values, 0, y.data(), INT, 0, length(y));
  }

  static float scalar(Operand x) {
    return x.data().get(FLOAT, 0);
  }

  static int intScalar(Operand x) {
    return x.data().get(INT, 0);
  }

  static void setScalar(Operand y, float value) {
    y.data().set(FLOAT, 0, value);
  }

  static void setIntScalar(Operand y, int value) {
    y.data().set(INT, 0, value);
  }

  static int length(Operand x) {
    if (x.size() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "the scalar backend takes operands of up to 2^31 - 9 elements, not " + x.size());
    }
    return (int) x.size();
  }

  private static IllegalArgumentException notFloat(Operand x) {
    return new IllegalArgumentException(
        "a kernel for floats was given " + x.dtype() + " (" + x.size() + " elements)");
  }
}
