package demo;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;

@Half
@LossScaled
public record Classifier(Mlp net) {
  public Tensor loss(Tensor images, Tensor labels) {
    return crossEntropy(net.forward(images), labels);
  }
}
