package dev.mezzo.backend;

/** Kernels of losses. What {@link Backend} says of all kernels holds; sums are made in FP64. */
public interface LossKernels {

  /** loss (scalar, FP32) = factor·Σ f(x, target). */
  void pairs(PairLoss function, Operand x, Operand target, @Writes Operand loss, double factor);

  /**
   * dx = dLoss·factor·f′, f′ by x, or by the target if {@code byTarget}; dLoss a scalar in memory.
   */
  void pairsGradient(
      PairLoss function,
      Operand dLoss,
      Operand x,
      Operand target,
      @Writes Operand dx,
      double factor,
      boolean byTarget);

  /**
   * loss (scalar, FP32) = Σ t·((1 − ε)·w[label]·l[label] + ε/cols·Σ w·l) / Σ t·w[label] over the
   * rows that are not ignored; l = log Σ e^logit − logit, t the row's weight, w the classes'. A
   * label out of range gives NaN, and so do no rows.
   */
  void crossEntropy(Operand logits, ClassTargets targets, @Writes Operand loss);

  /**
   * Its gradient times dLoss, a scalar in memory; 0 in ignored rows, NaN where a label is out of
   * range.
   */
  void crossEntropyGradient(
      Operand dLoss, Operand logits, ClassTargets targets, @Writes Operand dLogits);

  /** y[row] = a·b / (max(|a|, ε)·max(|b|, ε)) of each row; y FP32. */
  void cosine(Operand a, Operand b, @Writes Operand y, int rows, int cols, float epsilon);

  /**
   * The gradient by a: dy·(b/|b| − y·a/|a|)/|a|, the lengths at least ε; without the second term at
   * ε.
   */
  void cosineGradient(
      Operand dy, Operand a, Operand b, @Writes Operand da, int rows, int cols, float epsilon);
}
