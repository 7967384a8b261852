package dev.mezzo.layers;

import static dev.mezzo.Ops.conv2d;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
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
public final class Conv2d {

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
    Fan fan = Fan.of("Conv2d", inChannels, outChannels, geometry);
    float bound = fan.bound(kernel * kernel);
    this.weight = Parameter.uniform(Shape.of(outChannels, kernel, kernel, fan.in()), bound, random);
    this.bias = Parameter.uniform(Shape.of(outChannels), bound, random);
    this.geometry = geometry;
  }

  /** Applies the layer in FP32. */
  public Tensor forward(Tensor x) {
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
