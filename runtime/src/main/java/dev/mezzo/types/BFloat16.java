package dev.mezzo.types;

/** Conversions of bfloat16, which is the upper half of a binary32. */
public final class BFloat16 {

  private BFloat16() {}

  /** The value, exactly. */
  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /**
   * The nearest bfloat16, ties to even; beyond the largest finite one ±Inf; NaN stays NaN (made
   * quiet), sign and payload kept.
   */
  public static short fromFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    int tieToEven = (bits >>> 16) & 1;
    return (short) ((bits + 0x7FFF + tieToEven) >>> 16);
  }
}
