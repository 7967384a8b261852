package dev.mezzo.backend.vector;

import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LE;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;

/**
 * ReLU of 16-bit numbers, and its gradient, without widening them. Patterns as integers: those up
 * to −Inf's are the numbers below zero and −0, those from 1 to Inf's the numbers above zero; what
 * is beyond either is NaN.
 */
final class HalfRelu {

  private static final int LANES = Lanes.WIDE_SHORTS.length();

  private HalfRelu() {}

  static boolean takes(Operand x, Operand y) {
    return x.dtype() == y.dtype() && x.dtype().isHalf();
  }

  static void forward(Operand x, Operand y, long from, int count, Scratch scratch) {
    MemorySegment.copy(x.data(), JAVA_SHORT, from * 2, scratch.halves, 0, count);
    relu(scratch.halves, count, (short) (infinity(x) | 0x8000));
    MemorySegment.copy(scratch.halves, 0, y.data(), JAVA_SHORT, from * 2, count);
  }

  static void gradient(Operand dy, Operand y, Operand dx, long from, int count, Scratch scratch) {
    MemorySegment.copy(dy.data(), JAVA_SHORT, from * 2, scratch.halves, 0, count);
    MemorySegment.copy(y.data(), JAVA_SHORT, from * 2, scratch.moreHalves, 0, count);
    gradient(scratch.halves, scratch.moreHalves, count, infinity(y));
    MemorySegment.copy(scratch.halves, 0, dx.data(), JAVA_SHORT, from * 2, count);
  }

  private static short infinity(Operand x) {
    return (short) (x.dtype() == DType.FP16 ? 0x7c00 : 0x7f80);
  }

  private static void relu(short[] x, int count, short negativeInfinity) {
    for (int i = 0; i < count; i += LANES) {
      ShortVector v = ShortVector.fromArray(Lanes.WIDE_SHORTS, x, i);
      v.blend((short) 0, v.compare(LE, negativeInfinity)).intoArray(x, i);
    }
  }

  private static void gradient(short[] dy, short[] y, int count, short infinity) {
    for (int i = 0; i < count; i += LANES) {
      ShortVector at = ShortVector.fromArray(Lanes.WIDE_SHORTS, y, i);
      VectorMask<Short> positive = at.compare(GT, (short) 0).and(at.compare(LE, infinity));
      ShortVector zero = ShortVector.zero(Lanes.WIDE_SHORTS);
      zero.blend(ShortVector.fromArray(Lanes.WIDE_SHORTS, dy, i), positive).intoArray(dy, i);
    }
  }
}
