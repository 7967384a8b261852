package dev.mezzo;

import dev.mezzo.annotations.Gradient;

/**
 * Gradients of the losses, times dy, a scalar: the loss scale. Each has its operand's shape and
 * element type; computed in FP32, dy included, and rounded once, so that what dy lifts into FP16's
 * range is not lost before.
 */
public final class LossGradients {

  private LossGradients() {}

  /**
   * {@code dy/rows·(softmax(logits) − onehot(label))}. A row whose label is out of range becomes
   * NaN.
   */
  @Gradient(of = "crossEntropy", wrt = "logits")
  public static Tensor crossEntropyGradient(Tensor dy, Tensor logits, Tensor labels) {
    return Losses.crossEntropyGradient(dy, logits, labels);
  }

  /** {@code dy·2/n·(x − target)}. */
  @Gradient(of = "meanSquaredError", wrt = "x")
  public static Tensor meanSquaredErrorGradientX(Tensor dy, Tensor x, Tensor target) {
    return Losses.meanSquaredErrorGradient(dy, x, target);
  }

  /** {@code dy·2/n·(target − x)}. */
  @Gradient(of = "meanSquaredError", wrt = "target")
  public static Tensor meanSquaredErrorGradientTarget(Tensor dy, Tensor x, Tensor target) {
    return Losses.meanSquaredErrorGradient(dy, target, x);
  }
}
