package dev.mezzo.layers;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.relu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.types.Convolution;
import java.util.random.RandomGenerator;

/**
 * ResNet's basic block that keeps its input's shape: {@code relu(norm(conv(relu(norm(conv(x))))) +
 * x)} of 3×3 convolutions.
 *
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al., Deep Residual Learning</a>
 */
@Half
public record ResidualBlock(
    PlainConv2d first, BatchNorm firstNorm, PlainConv2d second, BatchNorm secondNorm)
    implements Layer {

  /** A block of so many channels, initialised as its layers are. */
  public static ResidualBlock create(int channels, RandomGenerator random) {
    Convolution geometry = Convolution.of().withPadding(1);
    return new ResidualBlock(
        new PlainConv2d(channels, channels, 3, geometry, random),
        new BatchNorm(channels),
        new PlainConv2d(channels, channels, 3, geometry, random),
        new BatchNorm(channels));
  }

  /** Applies the block. */
  @Override
  @Dims({"batch", "height", "width", "channels"})
  public Tensor forward(@Dims({"batch", "height", "width", "channels"}) Tensor x) {
    Tensor h = relu(firstNorm.forward(first.forward(x)));
    return relu(add(secondNorm.forward(second.forward(h)), x));
  }
}
