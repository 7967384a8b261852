package dev.mezzo.models;

import static dev.mezzo.Ops.crossEntropy;
import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.Dropout;
import dev.mezzo.layers.Linear;
import java.util.random.RandomGenerator;

/** Two layers of odd sizes, and dropout. */
@Half
@LossScaled
public record SmallMlp(Linear hidden, Dropout dropout, Linear out) {

  public static SmallMlp create(RandomGenerator random) {
    return new SmallMlp(new Linear(19, 24, random), new Dropout(0.25f), new Linear(24, 5, random));
  }

  /** Images are (batch, 19), labels below 5. */
  public Tensor loss(Tensor images, Tensor labels) {
    Tensor h = dropout.forward(relu(hidden.forward(images)));
    return crossEntropy(out.forward(h), labels);
  }
}
