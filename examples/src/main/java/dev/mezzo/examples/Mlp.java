package dev.mezzo.examples;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import java.util.random.RandomGenerator;

/** Three linear layers with ReLU between: images (batch, 784) to logits (batch, 10). */
@Half
public record Mlp(Linear first, Linear second, Linear out) {

  /** 784-1024-1024-10, initialised as PyTorch does by default, from {@code random}. */
  public static Mlp create(RandomGenerator random) {
    return new Mlp(
        new Linear(784, 1024, random),
        new Linear(1024, 1024, random),
        new Linear(1024, 10, random));
  }

  /** Logits. */
  public Tensor forward(Tensor x) {
    Tensor h = relu(first.forward(x));
    return out.forward(relu(second.forward(h)));
  }
}
