package dev.mezzo.backend;

/**
 * Kernels that move elements and that work along an axis. What {@link Backend} says of all kernels
 * holds; none is in place. An array is read as (outer, axis, inner), as {@link Reduction} says.
 */
public interface ArrayKernels {

  /** Copies elements of one type, bit by bit; what is not a target stays as it is. */
  void copy(Operand x, @Writes Operand y, Strided plan);

  /**
   * y[o, k, i] = x[o, index[o, k, i], i], bit by bit; NaN where the index is out of range. x is as
   * {@code lines} says, of one float type with y; index, INT32, and y have {@code count} in the
   * place of the axis.
   */
  void gather(Operand x, Operand index, @Writes Operand y, Reduction lines, int count);

  /**
   * y[o, index[o, k, i], i] += source[o, k, i], y FP32; sums in the order of k. An index out of
   * range makes all of y[o, ·, i] NaN.
   */
  void scatterAdd(Operand index, Operand source, @Writes Operand y, Reduction lines, int count);

  /** y[o, j, i] = Σ x[o, k, i] over k ≤ j, or over k ≥ j if {@code reverse}. */
  void cumulativeSum(Operand x, @Writes Operand y, Reduction lines, boolean reverse);

  /**
   * y = factor·max(factor·x) over the axis, which is not empty: the greatest for the factor 1, the
   * least for −1; NaN if one is. Exact but for the type.
   */
  void maximum(Operand x, @Writes Operand y, Reduction lines);

  /** y = factor·Σ (x − mean)² over the axis; mean and y are (outer, inner). */
  void squaredDeviations(Operand x, Operand mean, @Writes Operand y, Reduction lines);
}
