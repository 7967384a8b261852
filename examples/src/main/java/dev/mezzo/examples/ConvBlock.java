package dev.mezzo.examples;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.BatchNorm;
import dev.mezzo.layers.PlainConv2d;
import dev.mezzo.types.Convolution;
import java.util.random.RandomGenerator;

/** A 3×3 convolution that keeps the image's size, batch norm, ReLU. */
@Half
public record ConvBlock(PlainConv2d convolution, BatchNorm norm) {

  /** Initialised as PyTorch does by default, from {@code random}. */
  public static ConvBlock create(int in, int out, RandomGenerator random) {
    Convolution geometry = Convolution.of().withPadding(1);
    return new ConvBlock(new PlainConv2d(in, out, 3, geometry, random), new BatchNorm(out));
  }

  /** Applies the three. */
  public Tensor forward(Tensor x) {
    return relu(norm.forward(convolution.forward(x)));
  }
}
