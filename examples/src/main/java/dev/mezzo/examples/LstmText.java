package dev.mezzo.examples;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** A {@link CharLstm} with the loss that it is trained on. */
@Half
@LossScaled
public record LstmText(CharLstm net) {

  /** Mean cross entropy of ids (time, batch) with the next ones. */
  public Tensor loss(Tensor ids, Tensor next) {
    return crossEntropy(net.forward(ids), next);
  }
}
