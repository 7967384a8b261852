package dev.mezzo.examples.gan;

import static dev.mezzo.Ops.leakyRelu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.random.RandomGenerator;

/** Makes points of noise. */
@Half
public record Generator(Linear first, Linear second, Linear out) {

  /** With random weights. */
  public static Generator create(int noise, int hidden, int features, RandomGenerator random) {
    return new Generator(
        new Linear(noise, hidden, random),
        new Linear(hidden, hidden, random),
        new Linear(hidden, features, random));
  }

  /** Points (batch, features) of noise (batch, noise). */
  public Tensor forward(Tensor noise) {
    Tensor h = leakyRelu(first.forward(noise), 0.2f);
    return out.forward(leakyRelu(second.forward(h), 0.2f));
  }
}
