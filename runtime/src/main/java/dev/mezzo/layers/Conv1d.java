package dev.mezzo.layers;

import static dev.mezzo.Ops.conv1d;

import dev.mezzo.Init;
import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * A convolution of sequences with a bias. Shapes: x (batch, length, inChannels), y (batch,
 * outLength, outChannels). The geometry's numbers for the width count.
 */
@Half
public final class Conv1d implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final Convolution geometry;

  /**
   * With weight, then bias, drawn uniformly from ±1/√n, n the inputs of a result, as PyTorch does
   * by default.
   *
   * @param kernel length of the kernel
   */
  public Conv1d(
      int inChannels, int outChannels, int kernel, Convolution geometry, RandomGenerator random) {
    geometry.perGroup(outChannels);
    this.weight =
        Parameter.of(
            Shape.of(outChannels, kernel, geometry.perGroup(inChannels)),
            Init.fanInUniform(),
            random);
    this.bias = Parameter.of(Shape.of(outChannels), Init.fanInUniform(weight.shape()), random);
    this.geometry = geometry;
  }

  /** Applies the layer in FP32. */
  @Override
  @Dims({"batch", "?", "outChannels"})
  public Tensor forward(@Dims({"batch", "length", "inChannels"}) Tensor x) {
    return conv1d(x, weight, bias, geometry);
  }

  /** (outChannels, kernel, inChannels / groups). */
  public Parameter weight() {
    return weight;
  }

  /** (outChannels). */
  public Parameter bias() {
    return bias;
  }
}
