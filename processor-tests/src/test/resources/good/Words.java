package demo;

import static dev.mezzo.Ops.crossEntropy;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.Sequential;

/** Indices go into layers of any classes, the first of which has no gradient for them. */
@Half
@LossScaled
public record Words(Sequential net) {
  public Tensor loss(Tensor ids, Tensor labels) {
    return crossEntropy(net.forward(ids), labels);
  }
}
