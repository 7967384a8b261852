package dev.mezzo.backend;

/** Comparisons of two numbers as IEEE 754 says: NaN is neither equal to, nor less than anything. */
public enum Comparison {
  /** a = b. */
  EQUAL,
  /** a ≠ b, also where one is NaN. */
  NOT_EQUAL,
  /** a &lt; b. */
  LESS,
  /** a ≤ b. */
  LESS_OR_EQUAL
}
