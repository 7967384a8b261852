package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Operands for tests, and their elements, one by one. */
final class Data {

  private Data() {}

  /** Memory of exactly {@code size} elements, so that reading past its end throws. */
  static Operand sized(DType dtype, long size) {
    MemorySegment data = Arena.ofAuto().allocate(Math.max(1, size * dtype.bytes()), 64);
    return new Operand(data.asSlice(0, size * dtype.bytes()), dtype, size);
  }

  static Operand of(DType dtype, float... values) {
    Operand operand = sized(dtype, values.length);
    for (int i = 0; i < values.length; i++) {
      set(operand, i, values[i]);
    }
    return operand;
  }

  static Operand ints(int... values) {
    Operand operand = sized(DType.INT32, values.length);
    MemorySegment.copy(values, 0, operand.data(), JAVA_INT, 0, values.length);
    return operand;
  }

  /** Normally distributed numbers, rounded to the type. */
  static Operand normal(DType dtype, long size, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Operand operand = sized(dtype, size);
    for (long i = 0; i < size; i++) {
      set(operand, i, (float) random.nextGaussian());
    }
    return operand;
  }

  static float get(Operand operand, long index) {
    return switch (operand.dtype()) {
      case FP32 -> operand.data().getAtIndex(JAVA_FLOAT, index);
      case FP16 -> Float.float16ToFloat(operand.data().getAtIndex(JAVA_SHORT, index));
      case BF16 -> Float.intBitsToFloat(operand.data().getAtIndex(JAVA_SHORT, index) << 16);
      case INT32 -> operand.data().getAtIndex(JAVA_INT, index);
    };
  }

  static void set(Operand operand, long index, float value) {
    switch (operand.dtype()) {
      case FP32 -> operand.data().setAtIndex(JAVA_FLOAT, index, value);
      case FP16 -> operand.data().setAtIndex(JAVA_SHORT, index, Float.floatToFloat16(value));
      case BF16 -> operand.data().setAtIndex(JAVA_SHORT, index, bf16(value));
      case INT32 -> operand.data().setAtIndex(JAVA_INT, index, (int) value);
    }
  }

  /** A value as the type holds it. */
  static float round(DType dtype, float value) {
    return switch (dtype) {
      case FP16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> Float.intBitsToFloat(bf16(value) << 16);
      default -> value;
    };
  }

  /** Half a unit in the last place, relative: the rounding's error. */
  static double epsilon(DType dtype) {
    return switch (dtype) {
      case FP16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      default -> 0x1p-24;
    };
  }

  /** Half the distance between the smallest numbers: the rounding's absolute error near zero. */
  static double tiny(DType dtype) {
    return switch (dtype) {
      case FP16 -> 0x1p-25;
      case BF16 -> 0x1p-134;
      default -> 0x1p-150;
    };
  }

  static byte[] bytes(Operand operand) {
    return operand.data().toArray(JAVA_BYTE);
  }

  /** By exact arithmetic: the neighbour that is nearer, the even one of two. */
  private static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >> 16) | 0x40);
    }
    int down = bits & 0xffff0000;
    int rest = bits & 0xffff;
    boolean up = rest > 0x8000 || (rest == 0x8000 && (down & 0x10000) != 0);
    return (short) ((up ? down + 0x10000 : down) >>> 16);
  }
}
