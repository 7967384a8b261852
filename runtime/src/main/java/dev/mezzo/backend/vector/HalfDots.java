package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static dev.mezzo.backend.vector.Lanes.INTS;
import static dev.mezzo.backend.vector.Lanes.ORDER;
import static dev.mezzo.backend.vector.Lanes.SHORTS;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;
import static jdk.incubator.vector.FloatVector.fromArray;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Dot products of a line of 16-bit numbers, which is read once and widened in registers, with one
 * in FP32: as fast as memory gives the line. {@link WideHalves} says how numbers are widened.
 */
final class HalfDots {

  private static final int LANES = Lanes.COUNT;

  private final boolean fp16;
  private final HalfBits bits;

  private HalfDots(DType dtype) {
    this.fp16 = dtype == DType.FP16;
    this.bits = HalfBits.of(dtype);
  }

  static HalfDots of(DType dtype) {
    return new HalfDots(dtype);
  }

  /**
   * Σ line·x of {@code n} numbers, the line's from byte {@code from} on: FP32 fused multiply-adds
   * in four vectors of partial sums.
   */
  float dot(MemorySegment line, long from, float[] x, int at, int n) {
    int whole = n / LANES * LANES;
    float sum = whole(line, from, x, at, whole);
    return whole == n && !Float.isNaN(sum) ? sum : rest(line, from, x, at, n, sum);
  }

  /** NaN where there is an Inf or NaN in the line. */
  private float whole(MemorySegment line, long from, float[] x, int at, int n) {
    int left = bits.left();
    int mask = bits.mask();
    float factor = bits.factor();
    ShortVector most = ShortVector.zero(SHORTS);
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    int i = 0;
    for (; i <= n - 4 * LANES; i += 4 * LANES) {
      long o = from + 2L * i;
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, line, o, ORDER);
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, line, o + 2L * LANES, ORDER);
      ShortVector h2 = ShortVector.fromMemorySegment(SHORTS, line, o + 4L * LANES, ORDER);
      ShortVector h3 = ShortVector.fromMemorySegment(SHORTS, line, o + 6L * LANES, ORDER);
      most = most.max(h0.and((short) 0x7fff)).max(h1.and((short) 0x7fff));
      most = most.max(h2.and((short) 0x7fff)).max(h3.and((short) 0x7fff));
      IntVector w0 = ((IntVector) h0.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      IntVector w1 = ((IntVector) h1.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      IntVector w2 = ((IntVector) h2.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      IntVector w3 = ((IntVector) h3.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      int j = at + i;
      s0 = w0.reinterpretAsFloats().mul(factor).fma(fromArray(FLOATS, x, j), s0);
      s1 = w1.reinterpretAsFloats().mul(factor).fma(fromArray(FLOATS, x, j + LANES), s1);
      s2 = w2.reinterpretAsFloats().mul(factor).fma(fromArray(FLOATS, x, j + 2 * LANES), s2);
      s3 = w3.reinterpretAsFloats().mul(factor).fma(fromArray(FLOATS, x, j + 3 * LANES), s3);
    }
    for (; i < n; i += LANES) {
      ShortVector h = ShortVector.fromMemorySegment(SHORTS, line, from + 2L * i, ORDER);
      most = most.max(h.and((short) 0x7fff));
      IntVector w = ((IntVector) h.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      s0 = w.reinterpretAsFloats().mul(factor).fma(fromArray(FLOATS, x, at + i), s0);
    }
    boolean special = fp16 && most.reduceLanes(MAX) >= 0x7c00;
    return special ? Float.NaN : Lanes.sum(s0.add(s1).add(s2.add(s3)));
  }

  /** What is left of the line; all of it where {@code sum} says that it is not all numbers. */
  private float rest(MemorySegment line, long from, float[] x, int at, int n, float sum) {
    boolean again = Float.isNaN(sum);
    float result = again ? 0 : sum;
    for (int i = again ? 0 : n / LANES * LANES; i < n; i++) {
      short half = line.get(JAVA_SHORT, from + 2L * i);
      float number = fp16 ? Float.float16ToFloat(half) : Float.intBitsToFloat(half << 16);
      result = Math.fma(number, x[at + i], result);
    }
    return result;
  }
}
