package dev.mezzo.layers;

import static dev.mezzo.Ops.convTranspose2d;

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
 * The transpose of a convolution, with a bias: it enlarges images by its stride. Shapes: x (batch,
 * height, width, inChannels), y (batch, outHeight, outWidth, outChannels).
 */
@Half
public final class ConvTranspose2d implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final Convolution geometry;

  /**
   * With weight, then bias, drawn uniformly from ±1/√n, n the inputs of a result, as PyTorch does
   * by default.
   *
   * @param kernel side of the square kernel
   */
  public ConvTranspose2d(
      int inChannels, int outChannels, int kernel, Convolution geometry, RandomGenerator random) {
    geometry.perGroup(inChannels);
    this.weight =
        Parameter.of(
            Shape.of(inChannels, kernel, kernel, geometry.perGroup(outChannels)),
            Init.fanInUniform(),
            random);
    this.bias = Parameter.of(Shape.of(outChannels), Init.fanInUniform(weight.shape()), random);
    this.geometry = geometry;
  }

  /** Applies the layer in FP32. */
  @Override
  @Dims({"batch", "?", "?", "outChannels"})
  public Tensor forward(@Dims({"batch", "height", "width", "inChannels"}) Tensor x) {
    return convTranspose2d(x, weight, bias, geometry);
  }

  /** (inChannels, kernelHeight, kernelWidth, outChannels / groups). */
  public Parameter weight() {
    return weight;
  }

  /** (outChannels). */
  public Parameter bias() {
    return bias;
  }
}
