package dev.mezzo.layers;

import static dev.mezzo.Ops.conv2d;

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
 * A convolution of images with a bias; {@link PlainConv2d} has none. Shapes: x (batch, height,
 * width, inChannels), y (batch, outHeight, outWidth, outChannels).
 */
@Half
public final class Conv2d implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final Convolution geometry;

  /**
   * With weight, then bias, drawn uniformly from ±1/√n, n the inputs of a result, as PyTorch does
   * by default.
   *
   * @param kernel side of the square kernel
   */
  public Conv2d(
      int inChannels, int outChannels, int kernel, Convolution geometry, RandomGenerator random) {
    geometry.perGroup(outChannels);
    this.weight =
        Parameter.of(
            Shape.of(outChannels, kernel, kernel, geometry.perGroup(inChannels)),
            Init.fanInUniform(),
            random);
    this.bias = Parameter.of(Shape.of(outChannels), Init.fanInUniform(weight.shape()), random);
    this.geometry = geometry;
  }

  /** Applies the layer in FP32. */
  @Override
  @Dims({"batch", "?", "?", "outChannels"})
  public Tensor forward(@Dims({"batch", "height", "width", "inChannels"}) Tensor x) {
    return conv2d(x, weight, bias, geometry);
  }

  /** (outChannels, kernelHeight, kernelWidth, inChannels / groups). */
  public Parameter weight() {
    return weight;
  }

  /** (outChannels). */
  public Parameter bias() {
    return bias;
  }
}
