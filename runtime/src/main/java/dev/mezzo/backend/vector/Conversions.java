package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static jdk.incubator.vector.VectorOperators.ADD;
import static jdk.incubator.vector.VectorOperators.I2S;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Runs of elements, from a tensor's memory to FP32 arrays and back.
 *
 * <p>Widening is exact. Narrowing rounds to nearest, ties to even; what is too large becomes ±Inf,
 * subnormals are kept, NaN stays NaN (made quiet). FP16 goes through loops over {@link
 * Float#float16ToFloat}, which the compiler turns into the processor's own conversion, but only
 * where the result goes to an array: hence arrays here.
 */
final class Conversions {

  private static final int LANES = Lanes.COUNT;

  private Conversions() {}

  /** to[at .. at + count) = x[from .. from + count). */
  static void widen(Operand x, long from, float[] to, int at, int count) {
    switch (x.dtype()) {
      case FP32 -> MemorySegment.copy(x.data(), JAVA_FLOAT, from * 4, to, at, count);
      case FP16 -> widenFp16(x.data(), from * 2, to, at, count);
      case BF16 -> widenBf16(x.data(), from * 2, to, at, count);
      case INT32 -> throw new IllegalArgumentException("INT32 is no float type");
    }
  }

  /**
   * y[to .. to + count) = from[at .. at + count), rounded; {@code halves} holds at least {@code
   * count}. Where y adds, {@code from} becomes the sum before.
   */
  static void narrow(float[] from, int at, Operand y, long to, int count, short[] halves) {
    if (y.adds()) {
      add(y, to, from, at, count, halves);
    }
    switch (y.dtype()) {
      case FP32 -> MemorySegment.copy(from, at, y.data(), JAVA_FLOAT, to * 4, count);
      case FP16 -> {
        narrowFp16(from, at, halves, count);
        MemorySegment.copy(halves, 0, y.data(), JAVA_SHORT, to * 2, count);
      }
      case BF16 -> {
        narrowBf16(from, at, halves, count);
        MemorySegment.copy(halves, 0, y.data(), JAVA_SHORT, to * 2, count);
      }
      case INT32 -> throw new IllegalArgumentException("INT32 is no float type");
    }
  }

  private static void add(Operand y, long from, float[] to, int at, int count, short[] halves) {
    if (y.dtype() == DType.FP32) {
      for (int i = 0; i < count; i++) {
        to[at + i] += y.data().get(JAVA_FLOAT, (from + i) * 4);
      }
      return;
    }
    MemorySegment.copy(y.data(), JAVA_SHORT, from * 2, halves, 0, count);
    if (y.dtype() == DType.FP16) {
      for (int i = 0; i < count; i++) {
        to[at + i] += Float.float16ToFloat(halves[i]);
      }
    } else {
      for (int i = 0; i < count; i++) {
        to[at + i] += Float.intBitsToFloat(halves[i] << 16);
      }
    }
  }

  static void widenFp16(MemorySegment x, long offset, float[] to, int at, int count) {
    for (int i = 0; i < count; i++) {
      to[at + i] = Float.float16ToFloat(x.get(JAVA_SHORT, offset + 2L * i));
    }
  }

  static void widenFp16(short[] x, float[] to, int at, int count) {
    for (int i = 0; i < count; i++) {
      to[at + i] = Float.float16ToFloat(x[i]);
    }
  }

  static void narrowFp16(float[] from, int at, short[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] = Float.floatToFloat16(from[at + i]);
    }
  }

  static void widenBf16(MemorySegment x, long offset, float[] to, int at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      bf16(ShortVector.fromMemorySegment(Lanes.SHORTS, x, offset + 2L * i, Lanes.ORDER))
          .intoArray(to, at + i);
    }
    for (; i < count; i++) {
      to[at + i] = Float.intBitsToFloat(x.get(JAVA_SHORT, offset + 2L * i) << 16);
    }
  }

  static void widenBf16(short[] x, float[] to, int at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      bf16(ShortVector.fromArray(Lanes.SHORTS, x, i)).intoArray(to, at + i);
    }
    for (; i < count; i++) {
      to[at + i] = Float.intBitsToFloat(x[i] << 16);
    }
  }

  static void narrowBf16(float[] from, int at, short[] to, int count) {
    FloatVector finite = FloatVector.zero(Lanes.FLOATS); // NaN where a value was not
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      FloatVector value = FloatVector.fromArray(Lanes.FLOATS, from, at + i);
      finite = value.fma(finite, finite);
      IntVector bits = value.reinterpretAsInts();
      IntVector even = bits.lanewise(LSHR, 16).and(1);
      IntVector rounded = bits.add(even).add(0x7fff).lanewise(LSHR, 16);
      ((ShortVector) rounded.convertShape(I2S, Lanes.SHORTS, 0)).intoArray(to, i);
    }
    boolean special = finite.reduceLanes(ADD) != 0;
    for (int j = special ? 0 : i; j < count; j++) {
      to[j] = bf16(from[at + j]);
    }
  }

  /** The BF16 number nearest to a value, ties to even. */
  static short bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >> 16) | 0x40);
    }
    return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >> 16);
  }

  static FloatVector bf16(ShortVector halves) {
    IntVector bits = (IntVector) halves.convertShape(S2I, Lanes.INTS, 0);
    return bits.lanewise(LSHL, 16).reinterpretAsFloats();
  }
}
