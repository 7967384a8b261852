package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;

/**
 * Sums, differences and products of an FP32 array with a tensor's elements, which are widened on
 * the way: {@code x = f(x, y)}. FP16 goes through plain loops for the reason that {@link
 * Conversions} states.
 */
final class WideningSums {

  private static final int LANES = Lanes.COUNT;

  private WideningSums() {}

  /** {@code x[0 .. count) = f(x, y[from .. from + count))}. */
  static void apply(Binary function, float[] x, Operand y, long from, int count) {
    MemorySegment data = y.data();
    long at = from * y.dtype().bytes();
    switch (y.dtype()) {
      case FP16 -> fp16(function, x, data, at, count);
      case BF16 -> bf16(function, x, data, at, count);
      case FP32 -> fp32(function, x, data, at, count);
      case INT32 -> throw new IllegalArgumentException("INT32 is no float type");
    }
  }

  private static void fp16(Binary function, float[] x, MemorySegment y, long from, int count) {
    switch (function) {
      case ADD -> addFp16(x, y, from, count);
      case SUBTRACT -> subtractFp16(x, y, from, count);
      case MULTIPLY -> multiplyFp16(x, y, from, count);
      default -> throw unexpected(function);
    }
  }

  private static void bf16(Binary function, float[] x, MemorySegment y, long from, int count) {
    switch (function) {
      case ADD -> addBf16(x, y, from, count);
      case SUBTRACT -> subtractBf16(x, y, from, count);
      case MULTIPLY -> multiplyBf16(x, y, from, count);
      default -> throw unexpected(function);
    }
  }

  private static void fp32(Binary function, float[] x, MemorySegment y, long from, int count) {
    switch (function) {
      case ADD -> addFp32(x, y, from, count);
      case SUBTRACT -> subtractFp32(x, y, from, count);
      case MULTIPLY -> multiplyFp32(x, y, from, count);
      default -> throw unexpected(function);
    }
  }

  private static void addFp16(float[] x, MemorySegment y, long from, int count) {
    for (int i = 0; i < count; i++) {
      x[i] += Float.float16ToFloat(y.get(JAVA_SHORT, from + 2L * i));
    }
  }

  private static void subtractFp16(float[] x, MemorySegment y, long from, int count) {
    for (int i = 0; i < count; i++) {
      x[i] -= Float.float16ToFloat(y.get(JAVA_SHORT, from + 2L * i));
    }
  }

  private static void multiplyFp16(float[] x, MemorySegment y, long from, int count) {
    for (int i = 0; i < count; i++) {
      x[i] *= Float.float16ToFloat(y.get(JAVA_SHORT, from + 2L * i));
    }
  }

  private static void addBf16(float[] x, MemorySegment y, long from, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      fromArray(FLOATS, x, i).add(bf16(y, from + 2L * i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] += Float.intBitsToFloat(y.get(JAVA_SHORT, from + 2L * i) << 16);
    }
  }

  private static void subtractBf16(float[] x, MemorySegment y, long from, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      fromArray(FLOATS, x, i).sub(bf16(y, from + 2L * i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] -= Float.intBitsToFloat(y.get(JAVA_SHORT, from + 2L * i) << 16);
    }
  }

  private static void multiplyBf16(float[] x, MemorySegment y, long from, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      fromArray(FLOATS, x, i).mul(bf16(y, from + 2L * i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] *= Float.intBitsToFloat(y.get(JAVA_SHORT, from + 2L * i) << 16);
    }
  }

  private static void addFp32(float[] x, MemorySegment y, long from, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      fromArray(FLOATS, x, i).add(fp32(y, from + 4L * i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] += y.get(JAVA_FLOAT, from + 4L * i);
    }
  }

  private static void subtractFp32(float[] x, MemorySegment y, long from, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      fromArray(FLOATS, x, i).sub(fp32(y, from + 4L * i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] -= y.get(JAVA_FLOAT, from + 4L * i);
    }
  }

  private static void multiplyFp32(float[] x, MemorySegment y, long from, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      fromArray(FLOATS, x, i).mul(fp32(y, from + 4L * i)).intoArray(x, i);
    }
    for (; i < count; i++) {
      x[i] *= y.get(JAVA_FLOAT, from + 4L * i);
    }
  }

  private static FloatVector bf16(MemorySegment y, long at) {
    return Conversions.bf16(ShortVector.fromMemorySegment(Lanes.SHORTS, y, at, Lanes.ORDER));
  }

  private static FloatVector fp32(MemorySegment y, long at) {
    return FloatVector.fromMemorySegment(Lanes.FLOATS, y, at, Lanes.ORDER);
  }

  private static IllegalArgumentException unexpected(Binary function) {
    return new IllegalArgumentException(function + " is no sum, difference or product");
  }
}
