package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.backend.PairLoss;

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
  @Gradient(of = "crossEntropy(logits, labels)", wrt = "logits")
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

  /**
   * {@code dy·weight/Σ weights·(softmax(logits) − target)}; 0 in ignored rows, NaN where a label is
   * out of range.
   */
  @Gradient(of = "crossEntropy(logits, labels, smoothing, ignoreIndex)", wrt = "logits")
  public static Tensor crossEntropyGradient(
      Tensor dy, Tensor logits, Tensor labels, float smoothing, int ignoreIndex) {
    return ClassLosses.crossEntropyGradient(
        dy, logits, new ClassLosses.Targets(labels, null, null, smoothing, ignoreIndex));
  }

  /**
   * {@code dy·weight/Σ weights·(softmax(logits) − target)}; 0 in ignored rows, NaN where a label is
   * out of range.
   */
  @Gradient(of = "crossEntropyByClass", wrt = "logits")
  public static Tensor crossEntropyByClassGradient(
      Tensor dy,
      Tensor logits,
      Tensor labels,
      Tensor classWeights,
      float smoothing,
      int ignoreIndex) {
    return ClassLosses.crossEntropyGradient(
        dy, logits, new ClassLosses.Targets(labels, classWeights, null, smoothing, ignoreIndex));
  }

  /**
   * {@code dy·weight/Σ weights·(softmax(logits) − target)}; 0 in ignored rows, NaN where a label is
   * out of range.
   */
  @Gradient(of = "crossEntropyByToken", wrt = "logits")
  public static Tensor crossEntropyByTokenGradient(
      Tensor dy,
      Tensor logits,
      Tensor labels,
      Tensor tokenWeights,
      float smoothing,
      int ignoreIndex) {
    return ClassLosses.crossEntropyGradient(
        dy, logits, new ClassLosses.Targets(labels, null, tokenWeights, smoothing, ignoreIndex));
  }

  /** {@code dy/n·f′}, f′ the derivative by x of the loss of an element. */
  @Gradient(of = "binaryCrossEntropyWithLogits", wrt = "x")
  public static Tensor binaryCrossEntropyWithLogitsGradientX(Tensor dy, Tensor x, Tensor target) {
    return PairLosses.gradientX(
        "binaryCrossEntropyWithLogits", PairLosses.of(PairLoss.Function.LOGISTIC), dy, x, target);
  }

  /** {@code dy/n·f′}, f′ the derivative by target of the loss of an element. */
  @Gradient(of = "binaryCrossEntropyWithLogits", wrt = "target")
  public static Tensor binaryCrossEntropyWithLogitsGradientTarget(
      Tensor dy, Tensor x, Tensor target) {
    return PairLosses.gradientTarget(
        "binaryCrossEntropyWithLogits", PairLosses.of(PairLoss.Function.LOGISTIC), dy, x, target);
  }

  /** {@code dy/n·f′}, f′ the derivative by x of the loss of an element. */
  @Gradient(of = "binaryCrossEntropy", wrt = "x")
  public static Tensor binaryCrossEntropyGradientX(Tensor dy, Tensor x, Tensor target) {
    return PairLosses.gradientX(
        "binaryCrossEntropy", PairLosses.of(PairLoss.Function.BINARY_CROSS_ENTROPY), dy, x, target);
  }

  /** {@code dy/n·f′}, f′ the derivative by target of the loss of an element. */
  @Gradient(of = "binaryCrossEntropy", wrt = "target")
  public static Tensor binaryCrossEntropyGradientTarget(Tensor dy, Tensor x, Tensor target) {
    return PairLosses.gradientTarget(
        "binaryCrossEntropy", PairLosses.of(PairLoss.Function.BINARY_CROSS_ENTROPY), dy, x, target);
  }

  /** {@code dy/n·f′}, f′ the derivative by x of the loss of an element. */
  @Gradient(of = "smoothL1", wrt = "x")
  public static Tensor smoothL1GradientX(Tensor dy, Tensor x, Tensor target, float beta) {
    return PairLosses.gradientX("smoothL1", PairLosses.smoothL1(beta), dy, x, target);
  }

  /** {@code dy/n·f′}, f′ the derivative by target of the loss of an element. */
  @Gradient(of = "smoothL1", wrt = "target")
  public static Tensor smoothL1GradientTarget(Tensor dy, Tensor x, Tensor target, float beta) {
    return PairLosses.gradientTarget("smoothL1", PairLosses.smoothL1(beta), dy, x, target);
  }

  /** {@code dy/n·f′}, f′ the derivative by x of the loss of an element. */
  @Gradient(of = "focalLoss", wrt = "x")
  public static Tensor focalLossGradient(
      Tensor dy, Tensor x, Tensor target, float alpha, float gamma) {
    return PairLosses.gradientX("focalLoss", PairLosses.focal(alpha, gamma), dy, x, target);
  }

  /** {@code dy/n·f′}, f′ the derivative by x of the loss of an element, n the number of rows. */
  @Gradient(of = "klDivergence", wrt = "x")
  public static Tensor klDivergenceGradientX(Tensor dy, Tensor x, Tensor target) {
    return PairLosses.gradientX("klDivergence", PairLosses.of(PairLoss.Function.KL), dy, x, target);
  }

  /**
   * {@code dy/n·f′}, f′ the derivative by target of the loss of an element, n the number of rows.
   */
  @Gradient(of = "klDivergence", wrt = "target")
  public static Tensor klDivergenceGradientTarget(Tensor dy, Tensor x, Tensor target) {
    return PairLosses.gradientTarget(
        "klDivergence", PairLosses.of(PairLoss.Function.KL), dy, x, target);
  }

  /** {@code dy·(b/|b| − y·a/|a|)/|a|}. */
  @Gradient(of = "cosineSimilarity", wrt = "a")
  public static Tensor cosineSimilarityGradientA(Tensor dy, Tensor a, Tensor b, float epsilon) {
    return ClassLosses.cosineGradient(dy, a, b, epsilon);
  }

  /** {@code dy·(a/|a| − y·b/|b|)/|b|}. */
  @Gradient(of = "cosineSimilarity", wrt = "b")
  public static Tensor cosineSimilarityGradientB(Tensor dy, Tensor a, Tensor b, float epsilon) {
    return ClassLosses.cosineGradient(dy, b, a, epsilon);
  }
}
