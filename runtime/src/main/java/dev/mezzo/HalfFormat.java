package dev.mezzo;

import dev.mezzo.types.DType;

/**
 * The format of the values that the compiler put in 16 bits. The compiler decides where; the run
 * decides which.
 */
public enum HalfFormat {
  /** IEEE 754 binary16: the paper's format; needs loss scaling. */
  FP16(DType.FP16),
  /** bfloat16: FP32's range with 8 significant bits. */
  BF16(DType.BF16),
  /** FP32 everywhere: the baseline, from the same generated code. */
  NONE(DType.FP32);

  private final DType dtype;

  HalfFormat(DType dtype) {
    this.dtype = dtype;
  }

  /** The type of a value that the compiler put in 16 bits. */
  public DType dtype() {
    return dtype;
  }
}
