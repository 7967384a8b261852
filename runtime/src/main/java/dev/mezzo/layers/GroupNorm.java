package dev.mezzo.layers;

import static dev.mezzo.Ops.groupNorm;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;

/**
 * Group norm: each image's groups of channels by their own mean and variance, the same in training
 * and inference. Shapes: x, y (batch, …, channels).
 *
 * @see <a href="https://arxiv.org/abs/1803.08494">Wu and He, Group Normalization</a>
 */
@Half
public final class GroupNorm implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final int groups;
  final float epsilon;

  /** Weight 1, bias 0, ε 10⁻⁵. */
  public GroupNorm(int groups, int channels) {
    if (groups < 1 || channels < groups || channels % groups != 0) {
      throw new IllegalArgumentException(
          "GroupNorm needs groups that divide the channels, but has %d of %d"
              .formatted(groups, channels));
    }
    this.weight = Parameter.zeros(Shape.of(channels));
    weight.fill(1f);
    this.bias = Parameter.zeros(Shape.of(channels));
    this.groups = groups;
    this.epsilon = 1e-5f;
  }

  /** Applies the layer in FP32. */
  @Override
  @Dims({"...", "channels"})
  public Tensor forward(@Dims({"...", "channels"}) Tensor x) {
    return groupNorm(x, weight, bias, groups, epsilon);
  }

  /** (channels). */
  public Parameter weight() {
    return weight;
  }

  /** (channels). */
  public Parameter bias() {
    return bias;
  }
}
