package dev.mezzo.annotations;

/** Where an operation may compute, and what precision its result has. All accumulate in FP32. */
public enum PrecisionClass {

  /**
   * Worth 16 bits (matrix products, convolutions): operands are cast to half, the result is half.
   */
  ALLOW,

  /**
   * Needs FP32's range or precision (exp, log, losses): reads operands of any precision as they
   * are; the result is FP32.
   */
  DENY,

  /**
   * Takes the precision of its operands: half if all of them are, else all are cast to FP32; the
   * result is the same.
   */
  FOLLOW
}
