package dev.mezzo.backend;

/** Element-wise functions of two operands. Computed in FP32, rounded once to the result's type. */
public enum Binary {
  /** a + b. */
  ADD,
  /** a − b. */
  SUBTRACT,
  /** a·b. */
  MULTIPLY,
  /** a/b. */
  DIVIDE,
  /** The greater; NaN if one is; of +0 and −0, +0. */
  MAXIMUM,
  /** The smaller; NaN if one is; of +0 and −0, −0. */
  MINIMUM,
  /** a = b ? 1 : 0. */
  EQUAL,
  /** aᵇ as {@link Math#pow}. */
  POWER
}
