package dev.mezzo.examples;

import static dev.mezzo.Ops.ctcLoss;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** {@link Speech} with the loss that it is trained on. */
@Half
@LossScaled
public record SpeechRecognizer(Speech net) {

  /** CTC of spectrograms (batch, time, frequencies, 1) with labels (batch, length) INT32. */
  public Tensor loss(Tensor spectrograms, Tensor labels) {
    return ctcLoss(net.forward(spectrograms), labels);
  }
}
