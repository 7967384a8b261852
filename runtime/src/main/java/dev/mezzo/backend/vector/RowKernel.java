package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static dev.mezzo.backend.vector.Lanes.INTS;
import static dev.mezzo.backend.vector.Lanes.ORDER;
import static dev.mezzo.backend.vector.Lanes.WIDE_SHORTS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * The innermost loop of {@link GemmRows}: 5 or 10 rows, broadcast, by a vector's width of words of
 * two 16-bit numbers, which are widened in registers: the words' first numbers in one vector, their
 * second ones in another. Ten are 20 accumulators in 32 registers; the widening hides behind their
 * multiply-adds.
 */
final class RowKernel {
  private static final int LANES = Lanes.COUNT;

  private RowKernel() {}

  /**
   * {@code sums[to ..][r] = Σ a[at + p · rows + r]·b[p]} over p below {@code k}: for each row a
   * vector for columns 0, 2, 4 … and one for 1, 3, 5 …
   *
   * @param rows 5 or 10
   * @param from byte of the first row's first column
   * @param stride bytes from one of b's rows to the next
   * @return whether there is an Inf or NaN in b, of FP16, and the sums are therefore wrong
   */
  static boolean multiply(
      int rows,
      HalfBits bits,
      float[] a,
      int at,
      int k,
      MemorySegment b,
      long from,
      long stride,
      float[] sums,
      int to) {
    return rows == 10
        ? rows10(bits, a, at, k, b, from, stride, sums, to)
        : rows5(bits, a, at, k, b, from, stride, sums, to);
  }

  /** As {@link #multiply}, of 10 rows. */
  private static boolean rows10(
      HalfBits bits,
      float[] a,
      int at,
      int k,
      MemorySegment b,
      long from,
      long stride,
      float[] sums,
      int to) {
    int right = 16 - bits.left();
    int mask = bits.mask();
    short overflow = bits.overflow();
    FloatVector c0e = FloatVector.zero(FLOATS);
    FloatVector c0o = FloatVector.zero(FLOATS);
    FloatVector c1e = FloatVector.zero(FLOATS);
    FloatVector c1o = FloatVector.zero(FLOATS);
    FloatVector c2e = FloatVector.zero(FLOATS);
    FloatVector c2o = FloatVector.zero(FLOATS);
    FloatVector c3e = FloatVector.zero(FLOATS);
    FloatVector c3o = FloatVector.zero(FLOATS);
    FloatVector c4e = FloatVector.zero(FLOATS);
    FloatVector c4o = FloatVector.zero(FLOATS);
    FloatVector c5e = FloatVector.zero(FLOATS);
    FloatVector c5o = FloatVector.zero(FLOATS);
    FloatVector c6e = FloatVector.zero(FLOATS);
    FloatVector c6o = FloatVector.zero(FLOATS);
    FloatVector c7e = FloatVector.zero(FLOATS);
    FloatVector c7o = FloatVector.zero(FLOATS);
    FloatVector c8e = FloatVector.zero(FLOATS);
    FloatVector c8o = FloatVector.zero(FLOATS);
    FloatVector c9e = FloatVector.zero(FLOATS);
    FloatVector c9o = FloatVector.zero(FLOATS);
    ShortVector special = ShortVector.zero(WIDE_SHORTS);
    for (int p = 0; p < k; p++) {
      IntVector pair = IntVector.fromMemorySegment(INTS, b, from + p * stride, ORDER);
      ShortVector halves = pair.reinterpretAsShorts();
      special = special.or(halves.add(overflow).lanewise(XOR, halves));
      IntVector first = pair.lanewise(LSHL, 16).lanewise(ASHR, right).and(mask);
      FloatVector e = first.reinterpretAsFloats();
      FloatVector o = pair.lanewise(ASHR, right).and(mask).reinterpretAsFloats();
      int i = at + p * 10;
      FloatVector x = FloatVector.broadcast(FLOATS, a[i]);
      c0e = x.fma(e, c0e);
      c0o = x.fma(o, c0o);
      x = FloatVector.broadcast(FLOATS, a[i + 1]);
      c1e = x.fma(e, c1e);
      c1o = x.fma(o, c1o);
      x = FloatVector.broadcast(FLOATS, a[i + 2]);
      c2e = x.fma(e, c2e);
      c2o = x.fma(o, c2o);
      x = FloatVector.broadcast(FLOATS, a[i + 3]);
      c3e = x.fma(e, c3e);
      c3o = x.fma(o, c3o);
      x = FloatVector.broadcast(FLOATS, a[i + 4]);
      c4e = x.fma(e, c4e);
      c4o = x.fma(o, c4o);
      x = FloatVector.broadcast(FLOATS, a[i + 5]);
      c5e = x.fma(e, c5e);
      c5o = x.fma(o, c5o);
      x = FloatVector.broadcast(FLOATS, a[i + 6]);
      c6e = x.fma(e, c6e);
      c6o = x.fma(o, c6o);
      x = FloatVector.broadcast(FLOATS, a[i + 7]);
      c7e = x.fma(e, c7e);
      c7o = x.fma(o, c7o);
      x = FloatVector.broadcast(FLOATS, a[i + 8]);
      c8e = x.fma(e, c8e);
      c8o = x.fma(o, c8o);
      x = FloatVector.broadcast(FLOATS, a[i + 9]);
      c9e = x.fma(e, c9e);
      c9o = x.fma(o, c9o);
    }
    c0e.intoArray(sums, to);
    c0o.intoArray(sums, to + LANES);
    c1e.intoArray(sums, to + 2 * LANES);
    c1o.intoArray(sums, to + 3 * LANES);
    c2e.intoArray(sums, to + 4 * LANES);
    c2o.intoArray(sums, to + 5 * LANES);
    c3e.intoArray(sums, to + 6 * LANES);
    c3o.intoArray(sums, to + 7 * LANES);
    c4e.intoArray(sums, to + 8 * LANES);
    c4o.intoArray(sums, to + 9 * LANES);
    c5e.intoArray(sums, to + 10 * LANES);
    c5o.intoArray(sums, to + 11 * LANES);
    c6e.intoArray(sums, to + 12 * LANES);
    c6o.intoArray(sums, to + 13 * LANES);
    c7e.intoArray(sums, to + 14 * LANES);
    c7o.intoArray(sums, to + 15 * LANES);
    c8e.intoArray(sums, to + 16 * LANES);
    c8o.intoArray(sums, to + 17 * LANES);
    c9e.intoArray(sums, to + 18 * LANES);
    c9o.intoArray(sums, to + 19 * LANES);
    return special.reduceLanes(OR) < 0;
  }

  /** As {@link #multiply}, of 5 rows. */
  private static boolean rows5(
      HalfBits bits,
      float[] a,
      int at,
      int k,
      MemorySegment b,
      long from,
      long stride,
      float[] sums,
      int to) {
    int right = 16 - bits.left();
    int mask = bits.mask();
    short overflow = bits.overflow();
    FloatVector c0e = FloatVector.zero(FLOATS);
    FloatVector c0o = FloatVector.zero(FLOATS);
    FloatVector c1e = FloatVector.zero(FLOATS);
    FloatVector c1o = FloatVector.zero(FLOATS);
    FloatVector c2e = FloatVector.zero(FLOATS);
    FloatVector c2o = FloatVector.zero(FLOATS);
    FloatVector c3e = FloatVector.zero(FLOATS);
    FloatVector c3o = FloatVector.zero(FLOATS);
    FloatVector c4e = FloatVector.zero(FLOATS);
    FloatVector c4o = FloatVector.zero(FLOATS);
    ShortVector special = ShortVector.zero(WIDE_SHORTS);
    for (int p = 0; p < k; p++) {
      IntVector pair = IntVector.fromMemorySegment(INTS, b, from + p * stride, ORDER);
      ShortVector halves = pair.reinterpretAsShorts();
      special = special.or(halves.add(overflow).lanewise(XOR, halves));
      IntVector first = pair.lanewise(LSHL, 16).lanewise(ASHR, right).and(mask);
      FloatVector e = first.reinterpretAsFloats();
      FloatVector o = pair.lanewise(ASHR, right).and(mask).reinterpretAsFloats();
      int i = at + p * 5;
      FloatVector x = FloatVector.broadcast(FLOATS, a[i]);
      c0e = x.fma(e, c0e);
      c0o = x.fma(o, c0o);
      x = FloatVector.broadcast(FLOATS, a[i + 1]);
      c1e = x.fma(e, c1e);
      c1o = x.fma(o, c1o);
      x = FloatVector.broadcast(FLOATS, a[i + 2]);
      c2e = x.fma(e, c2e);
      c2o = x.fma(o, c2o);
      x = FloatVector.broadcast(FLOATS, a[i + 3]);
      c3e = x.fma(e, c3e);
      c3o = x.fma(o, c3o);
      x = FloatVector.broadcast(FLOATS, a[i + 4]);
      c4e = x.fma(e, c4e);
      c4o = x.fma(o, c4o);
    }
    c0e.intoArray(sums, to);
    c0o.intoArray(sums, to + LANES);
    c1e.intoArray(sums, to + 2 * LANES);
    c1o.intoArray(sums, to + 3 * LANES);
    c2e.intoArray(sums, to + 4 * LANES);
    c2o.intoArray(sums, to + 5 * LANES);
    c3e.intoArray(sums, to + 6 * LANES);
    c3o.intoArray(sums, to + 7 * LANES);
    c4e.intoArray(sums, to + 8 * LANES);
    c4o.intoArray(sums, to + 9 * LANES);
    return special.reduceLanes(OR) < 0;
  }
}
