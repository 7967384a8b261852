package dev.mezzo.backend;

/** Poolings and their gradients, channel by channel. As {@link Backend} says. */
public interface PoolingKernels {

  /** y = the greatest of each window; NaN counts as greatest; −Inf of a window of padding alone. */
  void max(PoolingShape shape, Operand x, @Writes Operand y);

  /**
   * dx: each element of dy added where its window's greatest stands, the first of equals, row by
   * row.
   */
  void maxGradient(PoolingShape shape, Operand dy, Operand x, @Writes Operand dx);

  /** y = the mean of each window, padding counted as zeros. */
  void average(PoolingShape shape, Operand x, @Writes Operand y);

  /** dx: each element of dy, divided by the window's size, added to all that its window read. */
  void averageGradient(PoolingShape shape, Operand dy, @Writes Operand dx);
}
