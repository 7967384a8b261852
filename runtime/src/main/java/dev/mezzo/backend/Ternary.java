package dev.mezzo.backend;

/**
 * Element-wise functions of three operands. Computed in FP32, rounded once to the result's type.
 */
public enum Ternary {
  /** {@code a ≠ 0 ? b : c}; of the other one nothing remains; a is INT32. */
  WHERE,
  /** Gradient of the greater of b and c by b, a its dy: {@code b = c ? a/2 : b < c ? 0 : a}. */
  MAXIMUM_GRADIENT,
  /** Gradient of the smaller of b and c by b, a its dy: {@code b = c ? a/2 : b > c ? 0 : a}. */
  MINIMUM_GRADIENT,
  /** Gradient of b/c by c, a its dy: −a·(b/c)/c. */
  DIVISOR_GRADIENT,
  /** Gradient of bᶜ by b, a its dy: a·c·bᶜ⁻¹, 0 if c is 0. */
  BASE_GRADIENT,
  /** Gradient of bᶜ by c, a its dy: a·bᶜ·log b, 0 if b is 0 and c at least 0. */
  EXPONENT_GRADIENT,
  /** b = c ? a : 0. */
  TIED,
  /** a·(b − c). */
  SCALED_DIFFERENCE
}
