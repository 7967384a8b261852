package dev.mezzo.layers;

import static dev.mezzo.Ops.batchNorm;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;

/**
 * Batch norm over all dimensions but the last: in training by the batch's own mean and variance,
 * else by running ones, which training updates. Shapes: x, y (…, channels).
 *
 * @see <a href="https://arxiv.org/abs/1502.03167">Ioffe and Szegedy, Batch Normalization</a>
 */
@Half
public final class BatchNorm implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final State mean;
  final State variance;
  final float momentum;
  final float epsilon;

  /** With momentum 0.1 and ε 10⁻⁵. */
  public BatchNorm(int channels) {
    this(channels, 0.1f, 1e-5f);
  }

  /**
   * Weight 1, bias 0, running mean 0 and variance 1.
   *
   * @param momentum how far running statistics follow those of a batch, in [0, 1]
   * @param epsilon added to variances, positive
   */
  public BatchNorm(int channels, float momentum, float epsilon) {
    if (channels < 1 || !(momentum >= 0 && momentum <= 1) || !(epsilon > 0)) {
      throw new IllegalArgumentException(
          "BatchNorm needs a channel at least, momentum in [0, 1] and a positive epsilon, but has %d, %s and %s"
              .formatted(channels, momentum, epsilon));
    }
    this.weight = Parameter.zeros(Shape.of(channels));
    weight.fill(1f);
    this.bias = Parameter.zeros(Shape.of(channels));
    this.mean = State.filled(Shape.of(channels), 0f);
    this.variance = State.filled(Shape.of(channels), 1f);
    this.momentum = momentum;
    this.epsilon = epsilon;
  }

  /** Applies the layer in FP32, in inference. */
  @Override
  @Dims({"...", "channels"})
  public Tensor forward(@Dims({"...", "channels"}) Tensor x) {
    return batchNorm(x, weight, bias, mean, variance, momentum, epsilon);
  }

  /** (channels). */
  public Parameter weight() {
    return weight;
  }

  /** (channels). */
  public Parameter bias() {
    return bias;
  }

  /** The running mean, (channels). */
  public State mean() {
    return mean;
  }

  /** The running variance, unbiased, (channels). */
  public State variance() {
    return variance;
  }
}
