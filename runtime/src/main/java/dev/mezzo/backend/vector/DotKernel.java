package dev.mezzo.backend.vector;

import static dev.mezzo.backend.vector.Lanes.FLOATS;
import static dev.mezzo.backend.vector.Lanes.INTS;
import static dev.mezzo.backend.vector.Lanes.ORDER;
import static dev.mezzo.backend.vector.Lanes.SHORTS;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.S2I;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * The innermost loop of {@link GemmDots}: two rows of 16-bit numbers, widened in registers, by 5 or
 * 10 packed lines. Ten are 20 accumulators in 32 registers; a step takes 12 loads for its 20
 * multiply-adds, and the widening hides behind them.
 */
final class DotKernel {

  /** Bytes of a vector. */
  private static final long STEP = 4L * Lanes.COUNT;

  private DotKernel() {}

  /**
   * How the steps along k are walked.
   *
   * @param first index of the first step's numbers
   * @param by from a step to the next: the lanes, or less than 0 for the way back
   * @param steps how many
   * @param last where the last numbers begin, if k is no multiple of the lanes: they overlap with
   *     those before
   */
  record Way(int first, int by, int steps, int last) {}

  /**
   * {@code sums[to ..][r][c] = Σ rows[r][p]·panel[p][c]} lane by lane, of the rows at the bytes
   * {@code row0} and {@code row1}.
   *
   * @param lines 5 or 10, as many as the panel has
   * @return whether there is an Inf or NaN in the rows, of FP16, and the sums are therefore wrong
   */
  static boolean multiply(
      int lines,
      HalfBits bits,
      MemorySegment x,
      long row0,
      long row1,
      MemorySegment panel,
      Way way,
      MemorySegment sums,
      long to) {
    return lines == 10
        ? lines10(bits, x, row0, row1, panel, way, sums, to)
        : lines5(bits, x, row0, row1, panel, way, sums, to);
  }

  /** As {@link #multiply}, of 10 lines. */
  private static boolean lines10(
      HalfBits bits,
      MemorySegment x,
      long row0,
      long row1,
      MemorySegment panel,
      Way way,
      MemorySegment sums,
      long to) {
    int left = bits.left();
    int mask = bits.mask();
    short overflow = bits.overflow();
    int last = way.last();
    int by = way.by();
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c04 = FloatVector.zero(FLOATS);
    FloatVector c05 = FloatVector.zero(FLOATS);
    FloatVector c06 = FloatVector.zero(FLOATS);
    FloatVector c07 = FloatVector.zero(FLOATS);
    FloatVector c08 = FloatVector.zero(FLOATS);
    FloatVector c09 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    FloatVector c14 = FloatVector.zero(FLOATS);
    FloatVector c15 = FloatVector.zero(FLOATS);
    FloatVector c16 = FloatVector.zero(FLOATS);
    FloatVector c17 = FloatVector.zero(FLOATS);
    FloatVector c18 = FloatVector.zero(FLOATS);
    FloatVector c19 = FloatVector.zero(FLOATS);
    ShortVector special = ShortVector.zero(SHORTS);
    int p = way.first();
    for (int i = 0; i < way.steps(); i++) {
      long at = 2L * Math.min(p, last);
      long w = p * 40L;
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, x, row0 + at, ORDER);
      special = special.or(h0.add(overflow).lanewise(XOR, h0));
      IntVector i0 = ((IntVector) h0.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      FloatVector x0 = i0.reinterpretAsFloats();
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, x, row1 + at, ORDER);
      special = special.or(h1.add(overflow).lanewise(XOR, h1));
      IntVector i1 = ((IntVector) h1.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      FloatVector x1 = i1.reinterpretAsFloats();
      FloatVector b = fromMemorySegment(FLOATS, panel, w, ORDER);
      c00 = b.fma(x0, c00);
      c10 = b.fma(x1, c10);
      b = fromMemorySegment(FLOATS, panel, w + STEP, ORDER);
      c01 = b.fma(x0, c01);
      c11 = b.fma(x1, c11);
      b = fromMemorySegment(FLOATS, panel, w + 2 * STEP, ORDER);
      c02 = b.fma(x0, c02);
      c12 = b.fma(x1, c12);
      b = fromMemorySegment(FLOATS, panel, w + 3 * STEP, ORDER);
      c03 = b.fma(x0, c03);
      c13 = b.fma(x1, c13);
      b = fromMemorySegment(FLOATS, panel, w + 4 * STEP, ORDER);
      c04 = b.fma(x0, c04);
      c14 = b.fma(x1, c14);
      b = fromMemorySegment(FLOATS, panel, w + 5 * STEP, ORDER);
      c05 = b.fma(x0, c05);
      c15 = b.fma(x1, c15);
      b = fromMemorySegment(FLOATS, panel, w + 6 * STEP, ORDER);
      c06 = b.fma(x0, c06);
      c16 = b.fma(x1, c16);
      b = fromMemorySegment(FLOATS, panel, w + 7 * STEP, ORDER);
      c07 = b.fma(x0, c07);
      c17 = b.fma(x1, c17);
      b = fromMemorySegment(FLOATS, panel, w + 8 * STEP, ORDER);
      c08 = b.fma(x0, c08);
      c18 = b.fma(x1, c18);
      b = fromMemorySegment(FLOATS, panel, w + 9 * STEP, ORDER);
      c09 = b.fma(x0, c09);
      c19 = b.fma(x1, c19);
      p += by;
    }
    c00.intoMemorySegment(sums, to, ORDER);
    c01.intoMemorySegment(sums, to + STEP, ORDER);
    c02.intoMemorySegment(sums, to + 2 * STEP, ORDER);
    c03.intoMemorySegment(sums, to + 3 * STEP, ORDER);
    c04.intoMemorySegment(sums, to + 4 * STEP, ORDER);
    c05.intoMemorySegment(sums, to + 5 * STEP, ORDER);
    c06.intoMemorySegment(sums, to + 6 * STEP, ORDER);
    c07.intoMemorySegment(sums, to + 7 * STEP, ORDER);
    c08.intoMemorySegment(sums, to + 8 * STEP, ORDER);
    c09.intoMemorySegment(sums, to + 9 * STEP, ORDER);
    c10.intoMemorySegment(sums, to + 10 * STEP, ORDER);
    c11.intoMemorySegment(sums, to + 11 * STEP, ORDER);
    c12.intoMemorySegment(sums, to + 12 * STEP, ORDER);
    c13.intoMemorySegment(sums, to + 13 * STEP, ORDER);
    c14.intoMemorySegment(sums, to + 14 * STEP, ORDER);
    c15.intoMemorySegment(sums, to + 15 * STEP, ORDER);
    c16.intoMemorySegment(sums, to + 16 * STEP, ORDER);
    c17.intoMemorySegment(sums, to + 17 * STEP, ORDER);
    c18.intoMemorySegment(sums, to + 18 * STEP, ORDER);
    c19.intoMemorySegment(sums, to + 19 * STEP, ORDER);
    return special.reduceLanes(OR) < 0;
  }

  /** As {@link #multiply}, of 5 lines. */
  private static boolean lines5(
      HalfBits bits,
      MemorySegment x,
      long row0,
      long row1,
      MemorySegment panel,
      Way way,
      MemorySegment sums,
      long to) {
    int left = bits.left();
    int mask = bits.mask();
    short overflow = bits.overflow();
    int last = way.last();
    int by = way.by();
    FloatVector c00 = FloatVector.zero(FLOATS);
    FloatVector c01 = FloatVector.zero(FLOATS);
    FloatVector c02 = FloatVector.zero(FLOATS);
    FloatVector c03 = FloatVector.zero(FLOATS);
    FloatVector c04 = FloatVector.zero(FLOATS);
    FloatVector c10 = FloatVector.zero(FLOATS);
    FloatVector c11 = FloatVector.zero(FLOATS);
    FloatVector c12 = FloatVector.zero(FLOATS);
    FloatVector c13 = FloatVector.zero(FLOATS);
    FloatVector c14 = FloatVector.zero(FLOATS);
    ShortVector special = ShortVector.zero(SHORTS);
    int p = way.first();
    for (int i = 0; i < way.steps(); i++) {
      long at = 2L * Math.min(p, last);
      long w = p * 20L;
      ShortVector h0 = ShortVector.fromMemorySegment(SHORTS, x, row0 + at, ORDER);
      special = special.or(h0.add(overflow).lanewise(XOR, h0));
      IntVector i0 = ((IntVector) h0.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      FloatVector x0 = i0.reinterpretAsFloats();
      ShortVector h1 = ShortVector.fromMemorySegment(SHORTS, x, row1 + at, ORDER);
      special = special.or(h1.add(overflow).lanewise(XOR, h1));
      IntVector i1 = ((IntVector) h1.convertShape(S2I, INTS, 0)).lanewise(LSHL, left).and(mask);
      FloatVector x1 = i1.reinterpretAsFloats();
      FloatVector b = fromMemorySegment(FLOATS, panel, w, ORDER);
      c00 = b.fma(x0, c00);
      c10 = b.fma(x1, c10);
      b = fromMemorySegment(FLOATS, panel, w + STEP, ORDER);
      c01 = b.fma(x0, c01);
      c11 = b.fma(x1, c11);
      b = fromMemorySegment(FLOATS, panel, w + 2 * STEP, ORDER);
      c02 = b.fma(x0, c02);
      c12 = b.fma(x1, c12);
      b = fromMemorySegment(FLOATS, panel, w + 3 * STEP, ORDER);
      c03 = b.fma(x0, c03);
      c13 = b.fma(x1, c13);
      b = fromMemorySegment(FLOATS, panel, w + 4 * STEP, ORDER);
      c04 = b.fma(x0, c04);
      c14 = b.fma(x1, c14);
      p += by;
    }
    c00.intoMemorySegment(sums, to, ORDER);
    c01.intoMemorySegment(sums, to + STEP, ORDER);
    c02.intoMemorySegment(sums, to + 2 * STEP, ORDER);
    c03.intoMemorySegment(sums, to + 3 * STEP, ORDER);
    c04.intoMemorySegment(sums, to + 4 * STEP, ORDER);
    c10.intoMemorySegment(sums, to + 5 * STEP, ORDER);
    c11.intoMemorySegment(sums, to + 6 * STEP, ORDER);
    c12.intoMemorySegment(sums, to + 7 * STEP, ORDER);
    c13.intoMemorySegment(sums, to + 8 * STEP, ORDER);
    c14.intoMemorySegment(sums, to + 9 * STEP, ORDER);
    return special.reduceLanes(OR) < 0;
  }
}
