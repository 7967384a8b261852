package dev.mezzo.backend;

import dev.mezzo.types.Convolution;

/**
 * Sizes of a convolution: x (batch, height, width, inChannels), weight (outChannels, kernelHeight,
 * kernelWidth, inChannels / groups), y (batch, outHeight, outWidth, outChannels). The groups divide
 * both numbers of channels; group g of the outputs reads group g of the inputs. Any size but the
 * kernel's may be 0.
 */
public record ConvolutionShape(
    int batch,
    int height,
    int width,
    int inChannels,
    int outChannels,
    int kernelHeight,
    int kernelWidth,
    Convolution geometry) {

  /** Rows of y. */
  public int outHeight() {
    return length(
        height,
        kernelHeight,
        geometry.strideHeight(),
        geometry.paddingHeight(),
        geometry.dilationHeight());
  }

  /** Columns of y. */
  public int outWidth() {
    return length(
        width,
        kernelWidth,
        geometry.strideWidth(),
        geometry.paddingWidth(),
        geometry.dilationWidth());
  }

  /** Input channels of a group. */
  public int groupIn() {
    return inChannels / geometry.groups();
  }

  /** Output channels of a group. */
  public int groupOut() {
    return outChannels / geometry.groups();
  }

  /** Elements of x. */
  public long xSize() {
    return (long) batch * height * width * inChannels;
  }

  /** Elements of the weight. */
  public long weightSize() {
    return (long) outChannels * kernelHeight * kernelWidth * groupIn();
  }

  /** Elements of y. */
  public long ySize() {
    return (long) batch * outHeight() * outWidth() * outChannels;
  }

  /** Multiply-adds of y, padding included. */
  public long multiplyAdds() {
    return ySize() * kernelHeight * kernelWidth * groupIn();
  }

  /** Whether the window is a pixel that visits each: a product of matrices. */
  public boolean isProduct() {
    return kernelHeight == 1
        && kernelWidth == 1
        && geometry.equals(
            Convolution.of().withDilation(geometry.dilationHeight(), geometry.dilationWidth()));
  }

  private static int length(int in, int kernel, int stride, int padding, int dilation) {
    return Math.max(0, Math.floorDiv(in + 2 * padding - dilation * (kernel - 1) - 1, stride) + 1);
  }
}
