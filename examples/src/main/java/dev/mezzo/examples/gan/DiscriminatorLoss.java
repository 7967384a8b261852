package dev.mezzo.examples.gan;

import static dev.mezzo.Ops.binaryCrossEntropyWithLogits;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** How the discriminator is trained. */
@Half
@LossScaled
public record DiscriminatorLoss(Discriminator discriminator) {

  /**
   * Its loss.
   *
   * @param points (batch, features), real ones and others
   * @param real (batch, 1), 1 for a real one, else 0
   */
  public Tensor loss(Tensor points, Tensor real) {
    return binaryCrossEntropyWithLogits(discriminator.forward(points), real);
  }
}
