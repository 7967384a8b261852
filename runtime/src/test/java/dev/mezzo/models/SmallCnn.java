package dev.mezzo.models;

import static dev.mezzo.Ops.crossEntropy;
import static dev.mezzo.Ops.maxPool2d;
import static dev.mezzo.Ops.relu;
import static dev.mezzo.Ops.reshape;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.BatchNorm;
import dev.mezzo.layers.Linear;
import dev.mezzo.layers.PlainConv2d;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.Pooling;
import java.util.random.RandomGenerator;

/** Two convolutions, one with a batch norm, a pooling and a linear layer. */
@Half
@LossScaled
public record SmallCnn(PlainConv2d first, BatchNorm norm, PlainConv2d second, Linear out) {

  public static SmallCnn create(RandomGenerator random) {
    Convolution around = Convolution.of().withPadding(1);
    return new SmallCnn(
        new PlainConv2d(1, 6, 3, around, random),
        new BatchNorm(6),
        new PlainConv2d(6, 8, 3, around, random),
        new Linear(4 * 4 * 8, 5, random));
  }

  /** Images are (batch, 8, 8, 1), labels below 5. */
  public Tensor loss(Tensor images, Tensor labels) {
    Tensor large = relu(norm.forward(first.forward(images)));
    Tensor small = relu(second.forward(maxPool2d(large, Pooling.of(2))));
    return crossEntropy(out.forward(reshape(small, -1, 4 * 4 * 8)), labels);
  }
}
