package dev.mezzo.examples.parity;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** Its training. */
@Half
@LossScaled
public record ThreeLayersClassifier(ThreeLayers net) {

  public Tensor loss(Tensor images, Tensor labels) {
    return crossEntropy(net.forward(images), labels);
  }
}
