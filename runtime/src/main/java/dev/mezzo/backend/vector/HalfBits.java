package dev.mezzo.backend.vector;

import dev.mezzo.types.DType;

/**
 * How a 16-bit number becomes one of FP32 in registers: {@link WideHalves} says why.
 *
 * @param left how far its bits, with the sign before them, are shifted left
 * @param mask what then remains
 * @param factor what the result is to be multiplied with
 * @param overflow added to the pattern of an Inf or NaN, which would come out as a number, this
 *     changes its sign, and that of no other; 0 where they come out as they are
 */
record HalfBits(int left, int mask, float factor, short overflow) {

  private static final HalfBits FP16 = new HalfBits(13, 0x8fffe000, 0x1p112f, (short) 0x400);
  private static final HalfBits BF16 = new HalfBits(16, 0xffff0000, 1, (short) 0);

  static HalfBits of(DType dtype) {
    return dtype == DType.FP16 ? FP16 : BF16;
  }
}
