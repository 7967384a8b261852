package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.Layout;

/**
 * Gradients of the convolutions. Each has its operand's shape and element type, is computed with
 * FP32 accumulation, and rounded once; errors are in docs/numerics.md.
 */
public final class ConvolutionGradients {

  private ConvolutionGradients() {}

  /** Each element of dy times the weights that it came through, added where they had read. */
  @Gradient(of = "conv2d", wrt = "x")
  public static Tensor conv2dGradientX(Tensor dy, Tensor weight, Layout x, Convolution geometry) {
    Checks.isFloat("conv2dGradientX", dy, weight);
    return Convolutions.gradientX("conv2dGradientX", dy, weight, x.shape(), geometry);
  }

  /** dy times what each weight had read, summed over all pixels. */
  @Gradient(of = "conv2d", wrt = "weight")
  public static Tensor conv2dGradientWeight(
      Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    return conv2dGradientWeight(GradientSum.none(), dy, x, weight, geometry);
  }

  /** {@link #conv2dGradientWeight(Tensor, Tensor, Layout, Convolution)}, added to the sum. */
  public static Tensor conv2dGradientWeight(
      GradientSum sum, Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    Checks.isFloat("conv2dGradientWeight", dy, x);
    return Convolutions.gradientWeight(sum, "conv2dGradientWeight", dy, x, weight, geometry);
  }

  /** dy summed over all pixels. */
  @Gradient(of = "conv2d", wrt = "bias")
  public static Tensor conv2dGradientBias(Tensor dy, Layout bias) {
    return conv2dGradientBias(GradientSum.none(), dy, bias);
  }

  /** {@link #conv2dGradientBias(Tensor, Layout)}, added to the sum. */
  public static Tensor conv2dGradientBias(GradientSum sum, Tensor dy, Layout bias) {
    return Reductions.unbroadcast(sum, dy, bias, 1);
  }

  /** As {@link #conv2dGradientX}, along a length. */
  @Gradient(of = "conv1d", wrt = "x")
  public static Tensor conv1dGradientX(Tensor dy, Tensor weight, Layout x, Convolution geometry) {
    Checks.isFloat("conv1dGradientX", dy, weight);
    return Convolutions.gradientX("conv1dGradientX", dy, weight, x.shape(), geometry.flat());
  }

  /** As {@link #conv2dGradientWeight}, along a length. */
  @Gradient(of = "conv1d", wrt = "weight")
  public static Tensor conv1dGradientWeight(
      Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    return conv1dGradientWeight(GradientSum.none(), dy, x, weight, geometry);
  }

  /** {@link #conv1dGradientWeight(Tensor, Tensor, Layout, Convolution)}, added to the sum. */
  public static Tensor conv1dGradientWeight(
      GradientSum sum, Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    Checks.isFloat("conv1dGradientWeight", dy, x);
    return Convolutions.gradientWeight(sum, "conv1dGradientWeight", dy, x, weight, geometry.flat());
  }

  /** dy summed over all places. */
  @Gradient(of = "conv1d", wrt = "bias")
  public static Tensor conv1dGradientBias(Tensor dy, Layout bias) {
    return conv1dGradientBias(GradientSum.none(), dy, bias);
  }

  /** {@link #conv1dGradientBias(Tensor, Layout)}, added to the sum. */
  public static Tensor conv1dGradientBias(GradientSum sum, Tensor dy, Layout bias) {
    return Reductions.unbroadcast(sum, dy, bias, 1);
  }

  /** The convolution of dy, of which this is the transpose. */
  @Gradient(of = "convTranspose2d", wrt = "x")
  public static Tensor convTranspose2dGradientX(Tensor dy, Tensor weight, Convolution geometry) {
    return Convolutions.forward(null, "convTranspose2dGradientX", dy, weight, null, geometry);
  }

  /** x times what each weight reads of dy, summed over all pixels. */
  @Gradient(of = "convTranspose2d", wrt = "weight")
  public static Tensor convTranspose2dGradientWeight(
      Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    return convTranspose2dGradientWeight(GradientSum.none(), dy, x, weight, geometry);
  }

  /**
   * {@link #convTranspose2dGradientWeight(Tensor, Tensor, Layout, Convolution)}, added to the sum.
   */
  public static Tensor convTranspose2dGradientWeight(
      GradientSum sum, Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    Checks.isFloat("convTranspose2dGradientWeight", dy, x);
    return Convolutions.gradientWeight(
        sum, "convTranspose2dGradientWeight", x, dy, weight, geometry);
  }

  /** dy summed over all pixels. */
  @Gradient(of = "convTranspose2d", wrt = "bias")
  public static Tensor convTranspose2dGradientBias(Tensor dy, Layout bias) {
    return convTranspose2dGradientBias(GradientSum.none(), dy, bias);
  }

  /** {@link #convTranspose2dGradientBias(Tensor, Layout)}, added to the sum. */
  public static Tensor convTranspose2dGradientBias(GradientSum sum, Tensor dy, Layout bias) {
    return Reductions.unbroadcast(sum, dy, bias, 1);
  }
}
