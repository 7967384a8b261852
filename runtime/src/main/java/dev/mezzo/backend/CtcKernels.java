package dev.mezzo.backend;

/**
 * Connectionist temporal classification: the probability that a path through time spells a target,
 * where each step names a label or the blank, and repeats and then blanks are taken out.
 *
 * <p>logits (time, batch, classes), targets INT32 (batch, labels). Softmax is part of it. In the
 * logarithmic domain, FP64 between.
 *
 * @see CtcLattice
 */
public interface CtcKernels {

  /**
   * loss (scalar, FP32) = mean over the batch of {@code −log P / max(1, length)}. +Inf where a
   * target does not fit its time; NaN where a label is not one of 1 to classes − 1, and of an empty
   * batch.
   */
  void loss(CtcShape shape, Operand logits, Operand targets, @Writes Operand loss);

  /**
   * {@code dLogits = dLoss / batch / max(1, length)·(softmax − occupancy)}, 0 behind a sequence's
   * end; dLoss is a scalar in memory. NaN for a sequence whose loss is not finite.
   */
  void gradient(
      CtcShape shape, Operand dLoss, Operand logits, Operand targets, @Writes Operand dLogits);
}
