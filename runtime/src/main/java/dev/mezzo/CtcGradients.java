package dev.mezzo;

import dev.mezzo.annotations.Gradient;

/** Gradients of connectionist temporal classification, in the logits' shape and element type. */
public final class CtcGradients {

  private CtcGradients() {}

  /**
   * {@code dy/batch/length·(softmax(logits) − occupancy)}, where occupancy is how likely the paths
   * that spell the target are at a class at a time.
   */
  @Gradient(of = "ctcLoss(logits, targets)", wrt = "logits")
  public static Tensor ctcLossGradient(Tensor dy, Tensor logits, Tensor targets) {
    return Ctc.gradient(dy, logits, new Ctc.Targets(targets, null, null));
  }

  /** As the other; 0 behind the end of a sequence. */
  @Gradient(of = "ctcLoss(logits, targets, times, lengths)", wrt = "logits")
  public static Tensor ctcLossGradient(
      Tensor dy, Tensor logits, Tensor targets, Tensor times, Tensor lengths) {
    return Ctc.gradient(dy, logits, new Ctc.Targets(targets, times, lengths));
  }
}
