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
 * A convolution of images without a bias, as before a norm. Shapes: x (batch, height, width,
 * inChannels), y (batch, outHeight, outWidth, outChannels).
 */
@Half
public final class PlainConv2d {

  @MasterFp32 final Parameter weight;
  final Convolution geometry;

  /**
   * With weights drawn uniformly from ±1/√n, n the inputs of a result, as PyTorch does by default.
   *
   * @param kernel side of the square kernel
   */
  public PlainConv2d(
      int inChannels, int outChannels, int kernel, Convolution geometry, RandomGenerator random) {
    Fan fan = Fan.of("PlainConv2d", inChannels, outChannels, geometry);
    float bound = fan.bound(kernel * kernel);
    this.weight = Parameter.uniform(Shape.of(outChannels, kernel, kernel, fan.in()), bound, random);

    this.geometry = geometry;
  }

  /** Applies the layer in FP32. */
  public Tensor forward(Tensor x) {
    return conv2d(x, weight, geometry);
  }

  /** (outChannels, kernelHeight, kernelWidth, inChannels / groups). */
  public Parameter weight() {
    return weight;
  }
}
