package dev.mezzo.backend;

/** Element-wise functions of two operands. Computed in FP32, rounded once to the result's type. */
public enum Binary {
  /** a + b. */
  ADD,
  /** a − b. */
  SUBTRACT,
  /** a·b. */
  MULTIPLY
}
