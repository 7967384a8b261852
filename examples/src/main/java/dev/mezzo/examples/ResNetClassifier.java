package dev.mezzo.examples;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

/** A {@link ResNet18} with the loss that it is trained on. */
@Half
@LossScaled
public record ResNetClassifier(ResNet18 net) {

  /** Mean cross entropy of images (batch, height, width, channels) with labels (batch) INT32. */
  public Tensor loss(Tensor images, Tensor labels) {
    return crossEntropy(net.forward(images), labels);
  }
}
