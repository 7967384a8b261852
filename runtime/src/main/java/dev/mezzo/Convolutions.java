package dev.mezzo;

import dev.mezzo.backend.ConvolutionKernels;
import dev.mezzo.backend.ConvolutionShape;
import dev.mezzo.backend.Epilogue;
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
    return forward(finish, "conv2d", x, weight, bias, geometry);
  }

  static Tensor conv1d(Tensor x, Tensor weight, @Nullable Tensor bias, Convolution geometry) {
    checkTypes("conv1d", x, weight, bias);
    checkRank("conv1d", "x", x, 3, "(batch, length, channels)");
    checkRank("conv1d", "the weight", weight, 3, "(outChannels, kernel, inChannels / groups)");
    checkChannels("conv1d", x.shape(), weight.shape(), geometry.groups());
    try (Tensor image = raised(x);
        Tensor kernel = raised(weight);
        Tensor y = forward(null, "conv1d", image, kernel, bias, geometry.flat())) {
      return lowered(y);
    }
  }

  static Tensor convTranspose2d(
      Tensor x, Tensor weight, @Nullable Tensor bias, Convolution geometry) {
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
    return gradientX(operation, x, weight, bias, result, geometry);
  }

  /** The gradient by x of a convolution with {@code weight}, or a transposed convolution. */
  static Tensor gradientX(
      String operation,
      Tensor dy,
      Tensor weight,
      @Nullable Tensor bias,
      Shape x,
      Convolution geometry) {
    ConvolutionShape shape = shape(operation, x, weight.shape(), geometry);
    checkResult(operation, shape, dy.shape());
    checkBias(operation, bias, shape.inChannels());
    Tensor dx = Tensor.allocate(dy.device(), x, weight.dtype());
    try (Tensor from = dy.contiguous();
        Tensor kernel = weight.contiguous()) {
      kernels(dy).gradientX(shape, from.operand(), kernel.operand(), dx.operand(), epilogue(bias));
    }
    return dx;
  }

  /**
   * The gradient by the weight of a convolution of x, added to a sum; a sequence's weight is that
   * of an image of one row.
   */
  static Tensor gradientWeight(
      GradientSum sum, String operation, Tensor dy, Tensor x, Layout weight, Convolution geometry) {
    ConvolutionShape shape = shape(operation, x.shape(), raised(weight.shape()), geometry);
    checkResult(operation, shape, dy.shape());
    Layout rowMajor = new Layout(weight.shape(), weight.dtype(), false);
    GradientSum.Target dWeight = sum.target(dy.device(), rowMajor);
    try (Tensor from = dy.contiguous();
        Tensor in = x.contiguous()) {
      kernels(dy).gradientWeight(shape, from.operand(), in.operand(), dWeight.operand());
    }
    return dWeight.sum();
  }

  static Tensor forward(
      @Nullable Finish finish,
      String operation,
      Tensor x,
      Tensor weight,
      @Nullable Tensor bias,
      Convolution geometry) {
    DType dtype = checkTypes(operation, x, weight, bias);
    ConvolutionShape shape = shape(operation, x.shape(), weight.shape(), geometry);
    checkBias(operation, bias, shape.outChannels());
    Shape result =
        Shape.of(shape.batch(), shape.outHeight(), shape.outWidth(), shape.outChannels());
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

  /** A sequence as an image of one row; a kernel likewise. */
  static Tensor raised(Tensor x) {
    return Views.reshape(x, raised(x.shape()));
  }

  private static Shape raised(Shape s) {
    return s.rank() == 3 ? Shape.of(s.dim(0), 1, s.dim(1), s.dim(2)) : s;
  }

  /** An image of one row as a sequence. */
  static Tensor lowered(Tensor x) {
    Shape s = x.shape();
    return Views.reshape(x, Shape.of(s.dim(0), s.dim(2), s.dim(3)));
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
      throw new ShapeException(
          "%s: x %s and weight %s: x must be (batch, height, width, channels), the weight"
                  .formatted(operation, x, weight)
              + " (outChannels, kernelHeight, kernelWidth, inChannels / groups)");
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

  private static Epilogue epilogue(@Nullable Tensor bias) {
    return bias == null ? Epilogue.NONE : new Epilogue(bias.operand(), null, false);
  }

  private static ConvolutionKernels kernels(Tensor x) {
    return x.device().backend().convolutions();
  }
}
