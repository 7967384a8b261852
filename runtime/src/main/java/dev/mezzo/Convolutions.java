package dev.mezzo;

import dev.mezzo.backend.ConvolutionKernels;
import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import org.jspecify.annotations.Nullable;

/** Convolutions and the kernels' calls behind them. */
final class Convolutions {

  private Convolutions() {}

  static Tensor conv2d(
      @Nullable Finish finish,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Convolution geometry) {
    if (x.shape().rank() != 4 || weight.shape().rank() != 4) {
      throw noImages("conv2d", x.shape(), weight.shape());
    }
    return forward(finish, "conv2d", x, weight, bias, geometry);
  }

  static Tensor conv1d(
      @Nullable Finish finish,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Convolution geometry) {
    checkTypes("conv1d", x, weight, bias);
    checkRank("conv1d", "x", x, 3, "(batch, length, channels)");
    checkRank("conv1d", "the weight", weight, 3, "(outChannels, kernel, inChannels / groups)");
    checkChannels("conv1d", x.shape(), weight.shape(), geometry.groups());
    return forward(finish, "conv1d", x, weight, bias, geometry.flat());
  }

  static Tensor convTranspose2d(
      @Nullable Finish finish,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Convolution geometry) {
    String operation = "convTranspose2d";
    checkTypes(operation, x, weight, bias);
    checkRank(operation, "x", x, 4, "(batch, height, width, channels)");
    checkRank(
        operation,
        "the weight",
        weight,
        4,
        "(inChannels, kernelHeight, kernelWidth, outChannels / groups)");
    Shape in = x.shape();
    Shape kernel = weight.shape();
    int channels = kernel.dim(3) * geometry.groups();
    int height =
        transposedLength(
            in.dim(1),
            kernel.dim(1),
            geometry.strideHeight(),
            geometry.paddingHeight(),
            geometry.dilationHeight());
    int width =
        transposedLength(
            in.dim(2),
            kernel.dim(2),
            geometry.strideWidth(),
            geometry.paddingWidth(),
            geometry.dilationWidth());
    if (height < 0 || width < 0) {
      throw new ShapeException(
          "%s: x %s and weight %s: with %s nothing is left of the result"
              .formatted(operation, in, kernel, geometry));
    }
    Shape result = Shape.of(in.dim(0), height, width, channels);
    ConvolutionShape shape = shape(operation, result, kernel, geometry);
    checkResult(operation, shape, in);
    checkBias(operation, bias, channels);
    return gradientX(finish, shape, x, weight, bias, result);
  }

  /** The gradient by x of a convolution with {@code weight}. */
  static Tensor gradientX(
      String operation, Tensor dy, Tensor weight, Shape x, Convolution geometry) {
    ConvolutionShape shape = shape(operation, raised(x), raised(weight.shape()), geometry);
    checkResult(operation, shape, raised(dy.shape()));
    return gradientX(null, shape, dy, weight, null, x);
  }

  private static Tensor gradientX(
      @Nullable Finish finish,
      ConvolutionShape shape,
      Tensor dy,
      Tensor weight,
      @Nullable Tensor bias,
      Shape x) {
    Operand row = bias == null ? null : bias.operand();
    try (Tensor from = dy.contiguous();
        Tensor kernel = weight.contiguous()) {
      return Finish.of(
          finish,
          dy.device(),
          x,
          weight.dtype(),
          (dx, tail) ->
              kernels(dy)
                  .gradientX(
                      shape,
                      from.operand(),
                      kernel.operand(),
                      dx.operand(),
                      Finish.epilogue(row, tail)));
    }
  }

  /**
   * The gradient by the weight of a convolution of x, added to a sum; a sequence's weight is that
   * of an image of one row.
   */
  static Tensor gradientWeight(
      GradientSum sum, String operation, Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    ConvolutionShape shape = shape(operation, raised(x.shape()), raised(weight.shape()), geometry);
    checkResult(operation, shape, raised(dy.shape()));
    Layout rowMajor = new Layout(weight.shape(), weight.dtype(), false);
    if (!sum.wanted()) {
      return Tensor.allocate(dy.device(), rowMajor);
    }
    GradientSum.Target dWeight = sum.target(dy.device(), rowMajor);
    try (Tensor from = dy.contiguous();
        Tensor in = x.contiguous()) {
      kernels(dy).gradientWeight(shape, from.operand(), in.operand(), dWeight.operand());
    }
    return dWeight.sum();
  }

  /** Of images, or of sequences, which are images of one row. */
  static Tensor forward(
      @Nullable Finish finish,
      String operation,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Convolution geometry) {
    DType dtype = checkTypes(operation, x, weight, bias);
    ConvolutionShape shape = shape(operation, raised(x.shape()), raised(weight.shape()), geometry);
    checkBias(operation, bias, shape.outChannels());
    Shape result =
        x.shape().rank() == 3
            ? Shape.of(shape.batch(), shape.outWidth(), shape.outChannels())
            : Shape.of(shape.batch(), shape.outHeight(), shape.outWidth(), shape.outChannels());
    Operand row = bias == null ? null : bias.operand();
    try (Tensor in = x.contiguous();
        Tensor kernel = weight.contiguous()) {
      return Finish.of(
          finish,
          x.device(),
          result,
          dtype,
          (y, tail) ->
              kernels(x)
                  .forward(
                      shape,
                      in.operand(),
                      kernel.operand(),
                      y.operand(),
                      Finish.epilogue(row, tail)));
    }
  }

  /** The shape of a sequence as an image of one row; a kernel's likewise. */
  private static Shape raised(Shape s) {
    return s.rank() == 3 ? Shape.of(s.dim(0), 1, s.dim(1), s.dim(2)) : s;
  }

  private static DType checkTypes(
      String operation, Tensor x, Tensor weight, @Nullable Tensor bias) {
    return bias == null
        ? Checks.oneFloatType(operation, x, weight)
        : Checks.oneFloatType(operation, x, weight, bias);
  }

  private static ConvolutionShape shape(
      String operation, Shape x, Shape weight, Convolution geometry) {
    if (x.rank() != 4 || weight.rank() != 4) {
      throw noImages(operation, x, weight);
    }
    checkChannels(operation, x, weight, geometry.groups());
    return new ConvolutionShape(
        x.dim(0),
        x.dim(1),
        x.dim(2),
        x.dim(3),
        weight.dim(0),
        weight.dim(1),
        weight.dim(2),
        geometry);
  }

  private static ShapeException noImages(String operation, Shape x, Shape weight) {
    return new ShapeException(
        "%s: x %s and weight %s: x must be (batch, height, width, channels), the weight"
                .formatted(operation, x, weight)
            + " (outChannels, kernelHeight, kernelWidth, inChannels / groups)");
  }

  /** Of images or sequences, as they were given. */
  private static void checkChannels(String operation, Shape x, Shape weight, int groups) {
    if (weight.dim(-1) * groups != x.dim(-1) || weight.dim(0) % groups != 0) {
      throw new ShapeException(
          "%s: x %s and weight %s: with %d groups the weight's last dimension must be x's divided by"
                  .formatted(operation, x, weight, groups)
              + " the groups, and they must divide the weight's first");
    }
    for (int axis = 1; axis < weight.rank() - 1; axis++) {
      if (weight.dim(axis) == 0) {
        throw new ShapeException(
            "%s: the weight %s must have a pixel at least".formatted(operation, weight));
      }
    }
  }

  private static void checkResult(String operation, ConvolutionShape shape, Shape dy) {
    Shape y = Shape.of(shape.batch(), shape.outHeight(), shape.outWidth(), shape.outChannels());
    if (!y.equals(dy)) {
      throw new ShapeException(
          "%s: the result of %s is %s, not %s".formatted(operation, shape, y, dy));
    }
  }

  private static void checkBias(String operation, @Nullable Tensor bias, int channels) {
    if (bias != null && !bias.shape().equals(Shape.of(channels))) {
      throw new ShapeException(
          "%s: the bias %s must be (%d), one for each output channel"
              .formatted(operation, bias.shape(), channels));
    }
  }

  private static void checkRank(
      String operation, String what, Tensor x, int rank, String dimensions) {
    if (x.shape().rank() != rank) {
      throw new ShapeException(
          "%s: %s %s must be %s".formatted(operation, what, x.shape(), dimensions));
    }
  }

  private static int transposedLength(int in, int kernel, int stride, int padding, int dilation) {
    return Math.max(0, in - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1;
  }

  private static ConvolutionKernels kernels(Tensor x) {
    return x.device().backend().convolutions();
  }
}
