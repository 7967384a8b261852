package dev.mezzo.types;

/** The type of a tensor's elements. */
public enum DType {
  /** IEEE 754 binary32. */
  FP32(4),
  /**
   * IEEE 754 binary16: 5 exponent, 10 fraction bits; largest 65504, smallest normal 2⁻¹⁴, smallest
   * subnormal 2⁻²⁴.
   */
  FP16(2),
  /** bfloat16: the upper half of a binary32; 8 exponent, 7 fraction bits. */
  BF16(2),
  /** Two's complement 32-bit integer: labels and indices. */
  INT32(4);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  /** Whether this is FP16 or BF16. */
  public boolean isHalf() {
    return this == FP16 || this == BF16;
  }

  /** Whether the elements are floating-point numbers. */
  public boolean isFloat() {
    return this != INT32;
  }
}
