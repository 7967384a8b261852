package dev.mezzo.examples.gan;

import static dev.mezzo.Ops.binaryCrossEntropyWithLogits;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** How the generator is trained: by what the discriminator, frozen here, takes its points for. */
@Half
@LossScaled
public record GeneratorLoss(Generator generator, Discriminator discriminator) {

  /**
   * Its loss.
   *
   * @param noise (batch, noise)
   * @param real ones (batch, 1), as its points are to be taken for
   */
  public Tensor loss(Tensor noise, Tensor real) {
    return binaryCrossEntropyWithLogits(discriminator.forward(generator.forward(noise)), real);
  }
}
