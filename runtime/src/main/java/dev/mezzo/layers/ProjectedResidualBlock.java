package dev.mezzo.layers;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.relu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.types.Convolution;
import java.util.random.RandomGenerator;

/**
 * ResNet's basic block that changes its input's shape, with a 1×1 convolution and a norm on the way
 * around: {@code relu(norm(conv(relu(norm(conv(x))))) + norm(skip(x)))}.
 *
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al., Deep Residual Learning</a>
 */
@Half
public record ProjectedResidualBlock(
    PlainConv2d first,
    BatchNorm firstNorm,
    PlainConv2d second,
    BatchNorm secondNorm,
    PlainConv2d skip,
    BatchNorm skipNorm)
    implements Layer {

  /**
   * A block, initialised as its layers are.
   *
   * @param stride of the first convolution and of the one around
   */
  public static ProjectedResidualBlock create(int in, int out, int stride, RandomGenerator random) {
    Convolution padded = Convolution.of().withPadding(1);
    return new ProjectedResidualBlock(
        new PlainConv2d(in, out, 3, padded.withStride(stride), random),
        new BatchNorm(out),
        new PlainConv2d(out, out, 3, padded, random),
        new BatchNorm(out),
        new PlainConv2d(in, out, 1, Convolution.of().withStride(stride), random),
        new BatchNorm(out));
  }

  /** Applies the block. */
  @Override
  public Tensor forward(Tensor x) {
    Tensor h = relu(firstNorm.forward(first.forward(x)));
    Tensor around = skipNorm.forward(skip.forward(x));
    return relu(add(secondNorm.forward(second.forward(h)), around));
  }
}
