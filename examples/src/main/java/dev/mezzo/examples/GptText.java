package dev.mezzo.examples;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** A {@link Gpt} with the loss that it is trained on. */
@Half
@LossScaled
public record GptText(Gpt net) {

  /** Mean cross entropy of ids (batch, time) with the next ones. */
  public Tensor loss(Tensor ids, Tensor next) {
    return crossEntropy(net.forward(ids), next);
  }
}
