package dev.mezzo.examples.gan;

import static dev.mezzo.Ops.leakyRelu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.random.RandomGenerator;

/** Tells real points from others. */
@Half
public record Discriminator(Linear first, Linear second, Linear out) {

  /** With random weights. */
  public static Discriminator create(int features, int hidden, RandomGenerator random) {
    return new Discriminator(
        new Linear(features, hidden, random),
        new Linear(hidden, hidden, random),
        new Linear(hidden, 1, random));
  }

  /** Logits (batch, 1) that points (batch, features) are real. */
  public Tensor forward(Tensor points) {
    Tensor h = leakyRelu(first.forward(points), 0.2f);
    return out.forward(leakyRelu(second.forward(h), 0.2f));
  }
}
