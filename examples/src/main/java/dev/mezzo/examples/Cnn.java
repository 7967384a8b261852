package dev.mezzo.examples;

import static dev.mezzo.Ops.maxPool2d;
import static dev.mezzo.Ops.relu;
import static dev.mezzo.Ops.reshape;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;
import dev.mezzo.types.Pooling;
import java.util.random.RandomGenerator;

/**
 * A small convolutional network: two pairs of {@link ConvBlock}s, each followed by a pooling, and
 * two linear layers. Images (batch, 784) of 28 by 28 pixels to logits (batch, 10).
 */
@Half
public record Cnn(
    ConvBlock first,
    ConvBlock second,
    ConvBlock third,
    ConvBlock fourth,
    Linear hidden,
    Linear out) {

  /** 1-32-64 channels at 28 by 28, 64-128-128 at 14 by 14, 6272-256-10. */
  public static Cnn create(RandomGenerator random) {
    return new Cnn(
        ConvBlock.create(1, 32, random),
        ConvBlock.create(32, 64, random),
        ConvBlock.create(64, 128, random),
        ConvBlock.create(128, 128, random),
        new Linear(7 * 7 * 128, 256, random),
        new Linear(256, 10, random));
  }

  /** Logits. */
  public Tensor forward(Tensor x) {
    Tensor image = reshape(x, -1, 28, 28, 1);
    Tensor large = maxPool2d(second.forward(first.forward(image)), Pooling.of(2));
    Tensor small = maxPool2d(fourth.forward(third.forward(large)), Pooling.of(2));
    return out.forward(relu(hidden.forward(reshape(small, -1, 7 * 7 * 128))));
  }
}
