package dev.mezzo.backend.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Brings pieces of a 16-bit operand into FP32 panels in one round: what is loaded is widened in
 * registers and stored where the innermost loop reads it.
 *
 * <p>A half's bits, shifted into an FP32 number's exponent and fraction, are the value divided by a
 * power of two, subnormals included; a multiplication makes it good. FP16's Inf and NaN come out as
 * numbers from 2¹⁶ on. So every round also finds the greatest pattern it has met, and where that
 * was one of them, the caller puts them right, one by one.
 */
final class WideHalves {

  private static final int LINES = GemmPacking.LINES;
  private static final int LANES = Lanes.COUNT;

  private final boolean fp16;
  private final int right;
  private final int left;
  private final int mask;
  private final float factor;

  private WideHalves(boolean fp16, int right, int mask, float factor) {
    this.fp16 = fp16;
    this.right = right;
    this.left = 16 - right;
    this.mask = mask;
    this.factor = factor;
  }

  static WideHalves of(DType dtype) {
    return dtype == DType.FP16
        ? new WideHalves(true, 3, 0x8fffe000, 0x1p112f)
        : new WideHalves(false, 0, 0xffff0000, 1f);
  }

  /**
   * Widens rows of {@link GemmPacking#LINES} halves each, the first of which starts at byte {@code
   * start}. Returns whether one of them {@link #isSpecial}.
   */
  boolean widen(MemorySegment from, long start, long stride, int steps, MemorySegment to, long at) {
    ShortVector most = ShortVector.zero(Lanes.SHORTS);
    for (int p = 0; p < steps; p++) {
      for (int i = 0; i < LINES; i += LANES) {
        ShortVector halves =
            ShortVector.fromMemorySegment(
                Lanes.SHORTS, from, start + p * stride + 2L * i, Lanes.ORDER);
        most = most.max(halves.and((short) 0x7fff));
        widen(halves).intoMemorySegment(to, at + 4L * (p * LINES + i), Lanes.ORDER);
      }
    }
    return isSpecial(most.reduceLanes(MAX));
  }

  /** As {@link #widen}, of words of two halves, which are of one line and two steps. */
  boolean part(int[] from, int words, MemorySegment to, long at) {
    ShortVector most = ShortVector.zero(Lanes.WIDE_SHORTS);
    for (int i = 0; i < words; i += LANES) {
      IntVector pair = IntVector.fromArray(Lanes.INTS, from, i);
      most = most.max(pair.reinterpretAsShorts().and((short) 0x7fff));
      number(pair.lanewise(LSHL, 16).lanewise(ASHR, right))
          .intoMemorySegment(to, at + 8L * i, Lanes.ORDER);
      number(pair.lanewise(ASHR, right))
          .intoMemorySegment(to, at + 8L * i + GemmBlocks.STEP, Lanes.ORDER);
    }
    return isSpecial(most.reduceLanes(MAX));
  }

  /** Whether a pattern is one of FP16's whose exponent is all ones. */
  boolean isSpecial(int pattern) {
    return fp16 && (pattern & 0x7fff) >= 0x7c00;
  }

  private FloatVector widen(ShortVector halves) {
    return number(((IntVector) halves.convertShape(S2I, Lanes.INTS, 0)).lanewise(LSHL, left));
  }

  private FloatVector number(IntVector shifted) {
    return shifted.and(mask).reinterpretAsFloats().mul(factor);
  }
}
