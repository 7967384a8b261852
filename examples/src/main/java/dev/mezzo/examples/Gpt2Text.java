package dev.mezzo.examples;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** A {@link Gpt2} with the loss that it is trained on. */
@Half
@LossScaled
public record Gpt2Text(Gpt2 net) {

  /** Mean cross entropy of ids (batch, time) with the next ones. */
  public Tensor loss(Tensor ids, Tensor next) {
    return crossEntropy(net.forward(ids), next);
  }
}
