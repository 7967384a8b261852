package dev.mezzo;

import static dev.mezzo.annotations.PrecisionClass.ALLOW;
import static dev.mezzo.annotations.PrecisionClass.DENY;
import static dev.mezzo.annotations.PrecisionClass.FOLLOW;

import dev.mezzo.annotations.Op;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Unary;
import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Pooling;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;

/**
 * The operations, as static methods: on FP32 tensors the eager API, on 16-bit tensors what
 * generated code calls.
 *
 * <p>Common to all: operands are borrowed, the result is new and the caller's to close. Element
 * types: an operation of class ALLOW or FOLLOW takes float operands of one type, and its result has
 * it; one of class DENY takes float operands of any type each, and its result is FP32. Arithmetic
 * and accumulation are FP32; the result is rounded once, to nearest, ties to even. NaN and ±Inf
 * propagate as IEEE 754 says, subnormals are kept, a value beyond the type's range becomes ±Inf.
 * Any operand may be a transposed view or empty. Error bounds are in docs/numerics.md. Shapes or
 * types that do not fit are a {@link ShapeException} with the operation, the shapes and the rule.
 *
 * <p>Precision classes and the summary of which operations need FP32 follow <a
 * href="https://arxiv.org/abs/1710.03740">Micikevicius et al., Mixed Precision Training, section
 * 3.3</a>.
 */
public final class Ops {

  private Ops() {}

  // Matrix products.

  /**
   * The matrix product {@code a·b} over the last two dimensions.
   *
   * <p>Shapes: a (…, m, k), b (…, k, n), result (…, m, n); the dimensions before are broadcast.
   * Transposed views are read in place. FP32 accumulation: |y − exact| ≤ k·2⁻²⁴·Σ|a·b| + u·|exact|
   * to first order, u = 2⁻¹¹ for FP16, 2⁻⁸ for BF16, 2⁻²⁴ for FP32. k = 0 gives zeros.
   */
  @Op(
      value = ALLOW,
      gradients = MatrixGradients.class,
      shape = "a(..., m, k), b(..., k, n) -> (..., m, n)")
  public static Tensor matmul(Tensor a, Tensor b) {
    return MatrixProducts.matmul(a, b);
  }

  /**
   * A fully connected layer, {@code x·weightᵀ + bias}.
   *
   * <p>Shapes: x (…, in), weight (out, in), bias (out), result (…, out). The bias is added to the
   * FP32 accumulator, before the one rounding. Error as for {@link #matmul} with k = in + 1.
   */
  @Op(
      value = ALLOW,
      gradients = MatrixGradients.class,
      shape = "x(..., in), weight(out, in), bias(out) -> (..., out)")
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    return MatrixProducts.linear(x, weight, bias);
  }

  // Convolutions of images (batch, height, width, channels): how the window moves is a Convolution.

  /**
   * A convolution of images (cross-correlation, as usual): {@code y[n, i, j, o] = Σ x[n, i·s − p +
   * k·d, …, c]·weight[o, k, …, c]}.
   *
   * <p>Shapes: x (batch, height, width, inChannels), weight (outChannels, kernelHeight,
   * kernelWidth, inChannels / groups), y (batch, outHeight, outWidth, outChannels) with outHeight =
   * ⌊(height + 2p − d·(kernelHeight − 1) − 1) / s⌋ + 1, or 0. FP32 accumulation: |y − exact| ≤
   * k·2⁻²⁴·Σ|x·w| + u·|exact| to first order, k the products of a result; where 3×3 kernels visit
   * every pixel and results are 16 bits, the first term is that of Winograd's algorithm, still far
   * below the second (docs/numerics.md).
   */
  @Op(
      value = ALLOW,
      gradients = ConvolutionGradients.class,
      shape =
          "x(batch, height, width, in), weight(out, kernelHeight, kernelWidth,"
              + " in/geometry.groups) -> (batch, (height + 2*geometry.paddingHeight -"
              + " geometry.dilationHeight*(kernelHeight - 1) - 1)/geometry.strideHeight + 1,"
              + " (width + 2*geometry.paddingWidth - geometry.dilationWidth*(kernelWidth -"
              + " 1) - 1)/geometry.strideWidth + 1, out)")
  public static Tensor conv2d(Tensor x, Tensor weight, Convolution geometry) {
    return Convolutions.conv2d(x, weight, null, geometry);
  }

  /** As the other, with a bias (outChannels) added before the one rounding. */
  @Op(
      value = ALLOW,
      gradients = ConvolutionGradients.class,
      shape =
          "x(batch, height, width, in), weight(out, kernelHeight, kernelWidth,"
              + " in/geometry.groups), bias(out) -> (batch, (height +"
              + " 2*geometry.paddingHeight - geometry.dilationHeight*(kernelHeight - 1) -"
              + " 1)/geometry.strideHeight + 1, (width + 2*geometry.paddingWidth -"
              + " geometry.dilationWidth*(kernelWidth - 1) - 1)/geometry.strideWidth + 1,"
              + " out)")
  public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, Convolution geometry) {
    return Convolutions.conv2d(x, weight, bias, geometry);
  }

  /**
   * A convolution of sequences, by the geometry's numbers for the width. Shapes: x (batch, length,
   * inChannels), weight (outChannels, kernel, inChannels / groups), y (batch, outLength,
   * outChannels). Else as {@link #conv2d(Tensor, Tensor, Convolution)}.
   */
  @Op(
      value = ALLOW,
      gradients = ConvolutionGradients.class,
      shape =
          "x(batch, length, in), weight(out, kernelWidth, in/geometry.groups) ->"
              + " (batch, (length + 2*geometry.paddingWidth -"
              + " geometry.dilationWidth*(kernelWidth - 1) - 1)/geometry.strideWidth + 1,"
              + " out)")
  public static Tensor conv1d(Tensor x, Tensor weight, Convolution geometry) {
    return Convolutions.conv1d(x, weight, null, geometry);
  }

  /** As the other, with a bias (outChannels) added before the one rounding. */
  @Op(
      value = ALLOW,
      gradients = ConvolutionGradients.class,
      shape =
          "x(batch, length, in), weight(out, kernelWidth, in/geometry.groups),"
              + " bias(out) -> (batch, (length + 2*geometry.paddingWidth -"
              + " geometry.dilationWidth*(kernelWidth - 1) - 1)/geometry.strideWidth + 1,"
              + " out)")
  public static Tensor conv1d(Tensor x, Tensor weight, Tensor bias, Convolution geometry) {
    return Convolutions.conv1d(x, weight, bias, geometry);
  }

  /**
   * The transpose of a convolution, as a linear map: each element of x times the weights, added
   * where that convolution would have read.
   *
   * <p>Shapes: x (batch, height, width, inChannels), weight (inChannels, kernelHeight, kernelWidth,
   * outChannels / groups), y (batch, outHeight, outWidth, outChannels) with outHeight = (height −
   * 1)·s − 2p + d·(kernelHeight − 1) + 1. Else as {@link #conv2d(Tensor, Tensor, Convolution)}.
   */
  @Op(
      value = ALLOW,
      gradients = ConvolutionGradients.class,
      shape =
          "x(batch, height, width, in), weight(in, kernelHeight, kernelWidth,"
              + " each) -> (batch, (height - 1)*geometry.strideHeight -"
              + " 2*geometry.paddingHeight + geometry.dilationHeight*(kernelHeight - 1) + 1,"
              + " (width - 1)*geometry.strideWidth - 2*geometry.paddingWidth +"
              + " geometry.dilationWidth*(kernelWidth - 1) + 1, each*geometry.groups)")
  public static Tensor convTranspose2d(Tensor x, Tensor weight, Convolution geometry) {
    return Convolutions.convTranspose2d(x, weight, null, geometry);
  }

  /** As the other, with a bias (outChannels) added before the one rounding. */
  @Op(
      value = ALLOW,
      gradients = ConvolutionGradients.class,
      shape =
          "x(batch, height, width, in), weight(in, kernelHeight, kernelWidth,"
              + " each), bias(each*geometry.groups) -> (batch, (height -"
              + " 1)*geometry.strideHeight - 2*geometry.paddingHeight +"
              + " geometry.dilationHeight*(kernelHeight - 1) + 1, (width -"
              + " 1)*geometry.strideWidth - 2*geometry.paddingWidth +"
              + " geometry.dilationWidth*(kernelWidth - 1) + 1, each*geometry.groups)")
  public static Tensor convTranspose2d(Tensor x, Tensor weight, Tensor bias, Convolution geometry) {
    return Convolutions.convTranspose2d(x, weight, bias, geometry);
  }

  // Poolings of images (batch, height, width, channels), channel by channel.

  /**
   * The greatest of each window; NaN counts as greatest. Exact. The gradient goes to the first of
   * equals, row by row; it finds it again in x, so no indices are saved.
   */
  @Op(
      value = FOLLOW,
      gradients = PoolingGradients.class,
      shape =
          "x(batch, height, width, channels) -> (batch, (height +"
              + " 2*window.paddingHeight - window.height)/window.strideHeight + 1, (width"
              + " + 2*window.paddingWidth - window.width)/window.strideWidth + 1, channels)",
      range = "x")
  public static Tensor maxPool2d(Tensor x, Pooling window) {
    return Poolings.max(x, window);
  }

  /** The mean of each window, padding counted as zeros. */
  @Op(
      value = FOLLOW,
      gradients = PoolingGradients.class,
      shape =
          "x(batch, height, width, channels) -> (batch, (height +"
              + " 2*window.paddingHeight - window.height)/window.strideHeight + 1, (width"
              + " + 2*window.paddingWidth - window.width)/window.strideWidth + 1, channels)",
      range = "0..x")
  public static Tensor averagePool2d(Tensor x, Pooling window) {
    return Poolings.average("averagePool2d", x, window);
  }

  /** The mean over each image: x (batch, height, width, channels), result (batch, channels). */
  @Op(
      value = FOLLOW,
      gradients = PoolingGradients.class,
      shape = "x(batch, height, width, channels) -> (batch, channels)",
      range = "x")
  public static Tensor globalAveragePool(Tensor x) {
    String operation = "globalAveragePool";
    try (Tensor y = Poolings.average(operation, x, Poolings.whole(operation, x.shape()))) {
      return Views.reshape(y, Shape.of(y.shape().dim(0), y.shape().dim(3)));
    }
  }

  // Normalizations over pixels, with a weight and a bias (channels) for each channel, x's last
  // dimension.

  /**
   * Batch norm in inference: {@code (x − mean)/√(variance + ε)·weight + bias} with the running
   * statistics of each channel.
   *
   * <p>Shapes: x (…, channels), the others (channels). Moments and arithmetic are FP32, the result
   * is rounded once.
   *
   * @param momentum how far running statistics follow those of a batch, in training
   * @see <a href="https://arxiv.org/abs/1502.03167">Ioffe and Szegedy, Batch Normalization</a>
   */
  @Op(
      value = FOLLOW,
      gradients = ChannelNormGradients.class,
      shape =
          "x(..., channels), weight(channels), bias(channels),"
              + " mean(channels), variance(channels) -> (..., channels)")
  public static Tensor batchNorm(
      Tensor x,
      Tensor weight,
      Tensor bias,
      State mean,
      State variance,
      float momentum,
      float epsilon) {
    return ChannelNorms.batchNorm(
        Tape.inference(), x, weight, bias, mean, variance, momentum, epsilon);
  }

  /**
   * Batch norm with the mean and variance of x itself, if {@code tape} is one of training; the
   * running statistics follow: {@code running += momentum·(batch − running)}, of the unbiased
   * variance. Where those of a channel are not finite, as in a step that overflows, its running
   * statistics stay as they were.
   */
  public static Tensor batchNorm(
      Tape tape,
      Tensor x,
      Tensor weight,
      Tensor bias,
      State mean,
      State variance,
      float momentum,
      float epsilon) {
    return ChannelNorms.batchNorm(tape, x, weight, bias, mean, variance, momentum, epsilon);
  }

  /**
   * Group norm: {@code (x − mean)/√(variance + ε)·weight + bias} with mean and variance of each
   * image's groups of channels. One group is a layer norm over the image, as many as channels are
   * an instance norm. Shapes: x (batch, …, channels), weight and bias (channels).
   *
   * @param groups divides the channels
   * @see <a href="https://arxiv.org/abs/1803.08494">Wu and He, Group Normalization</a>
   */
  @Op(
      value = FOLLOW,
      gradients = ChannelNormGradients.class,
      shape = "x(..., channels), weight(channels), bias(channels) -> (..., channels)")
  public static Tensor groupNorm(Tensor x, Tensor weight, Tensor bias, int groups, float epsilon) {
    return ChannelNorms.groupNorm(Tape.inference(), x, weight, bias, groups, epsilon);
  }

  /** The same; leaves the moments on the tape for the gradient. */
  public static Tensor groupNorm(
      Tape tape, Tensor x, Tensor weight, Tensor bias, int groups, float epsilon) {
    return ChannelNorms.groupNorm(tape, x, weight, bias, groups, epsilon);
  }

  // Element-wise arithmetic. Shapes are aligned at their last dimensions; a dimension of 1 is
  // repeated.

  /** {@code a + b}, element by element, with broadcasting. Exact but for the rounding. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "a + b")
  public static Tensor add(Tensor a, Tensor b) {
    return Elementwise.binary("add", Binary.ADD, a, b);
  }

  /** {@code a − b}, element by element, with broadcasting. Exact but for the rounding. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "a - b")
  public static Tensor subtract(Tensor a, Tensor b) {
    return Elementwise.binary("subtract", Binary.SUBTRACT, a, b);
  }

  /** {@code a·b}, element by element, with broadcasting. Exact but for the rounding. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "a * b")
  public static Tensor multiply(Tensor a, Tensor b) {
    return Elementwise.binary("multiply", Binary.MULTIPLY, a, b);
  }

  /** {@code factor·x}. The factor is FP32, whatever x is: it is not rounded to 16 bits. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "x * factor")
  public static Tensor scale(Tensor x, float factor) {
    return Elementwise.scale(x, factor);
  }

  // Activations.

  /** {@code max(x, 0)}; NaN stays NaN. Exact. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "max(x, 0)")
  public static Tensor relu(Tensor x) {
    return Elementwise.unary("relu", Unary.RELU, x, x.dtype());
  }

  /**
   * {@code x·Φ(x)}, Φ the normal distribution function, not its tanh approximation. −Inf gives NaN,
   * as −Inf·0 does.
   *
   * @see <a href="https://arxiv.org/abs/1606.08415">Hendrycks and Gimpel, Gaussian Error Linear
   *     Units</a>
   */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "-0.17..max(x, 0)")
  public static Tensor gelu(Tensor x) {
    return Elementwise.unary("gelu", Unary.GELU, x, x.dtype());
  }

  /** {@code 1 / (1 + e⁻ˣ)}. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "0..1")
  public static Tensor sigmoid(Tensor x) {
    return Elementwise.unary("sigmoid", Unary.SIGMOID, x, x.dtype());
  }

  /** The hyperbolic tangent. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "-1..1")
  public static Tensor tanh(Tensor x) {
    return Elementwise.unary("tanh", Unary.TANH, x, x.dtype());
  }

  /** {@code eˣ}, in FP32 whatever x is: beyond 11.09 it exceeds FP16. */
  @Op(
      value = DENY,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "exp(x)")
  public static Tensor exp(Tensor x) {
    return Elementwise.unary("exp", Unary.EXP, x, DType.FP32);
  }

  /** The natural logarithm, in FP32 whatever x is; −Inf of ±0, NaN of a negative number. */
  @Op(
      value = DENY,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "log(x)")
  public static Tensor log(Tensor x) {
    return Elementwise.unary("log", Unary.LOG, x, DType.FP32);
  }

  /**
   * Nothing: dropout acts in training alone, and eager use is inference. Returns x, retained.
   *
   * @param rate probability with which an element is zeroed in training, at least 0 and less than 1
   */
  @Op(value = FOLLOW, gradients = ElementwiseGradients.class, shape = "x(...) -> (...)")
  public static Tensor dropout(Tensor x, float rate) {
    return Elementwise.dropout(Tape.inference(), x, rate);
  }

  /**
   * Zeroes elements with probability {@code rate} and divides the others by 1 − rate, if {@code
   * tape} is one of training; else returns x, retained. The mask is a function of a seed drawn from
   * the tape, which is saved instead of the mask.
   *
   * @see <a href="https://jmlr.org/papers/v15/srivastava14a.html">Srivastava et al., Dropout</a>
   */
  public static Tensor dropout(Tape tape, Tensor x, float rate) {
    return Elementwise.dropout(tape, x, rate);
  }

  // Along the last dimension.

  /**
   * Softmax along the last dimension: {@code e^(x−max) / Σ e^(x−max)}. Computed in FP32, rounded
   * once, and so safe in 16 bits. A row that holds NaN or +Inf, or only −Inf, becomes NaN.
   */
  @Op(
      value = FOLLOW,
      gradients = ReductionGradients.class,
      shape = "x(..., n) -> (..., n)",
      range = "0..1")
  public static Tensor softmax(Tensor x) {
    return Reductions.softmax("softmax", x, x.dtype(), false);
  }

  /**
   * The logarithm of {@link #softmax}, {@code x − max − log Σ e^(x−max)}, in FP32 whatever x is.
   */
  @Op(
      value = DENY,
      gradients = ReductionGradients.class,
      shape = "x(..., n) -> (..., n)",
      replaces = "log(softmax(x))")
  public static Tensor logSoftmax(Tensor x) {
    return Reductions.softmax("logSoftmax", x, DType.FP32, true);
  }

  /**
   * The index of the largest element along the last dimension, INT32; the first of equals; NaN
   * counts as largest. Not differentiable.
   */
  @Op(value = FOLLOW, shape = "x(..., n) -> (...)")
  public static Tensor argmax(Tensor x) {
    return Reductions.argmax(x);
  }

  // Sums.

  /** The sum of all elements: a scalar, FP32. The sum of none is 0. */
  @Op(
      value = DENY,
      gradients = ReductionGradients.class,
      scalar = true,
      shape = "-> ()",
      range = "x * count")
  public static Tensor sum(Tensor x) {
    return Reductions.all("sum", x, 1);
  }

  /**
   * The sums along one dimension, which the result lacks; FP32. A negative axis counts from the
   * end.
   */
  @Op(
      value = DENY,
      gradients = ReductionGradients.class,
      shape = "-> drop(x, axis)",
      range = "x * count")
  public static Tensor sum(Tensor x, int axis) {
    return Reductions.axis("sum", x, axis, 1);
  }

  /** The mean of all elements: a scalar, FP32. The mean of none is NaN. */
  @Op(
      value = DENY,
      gradients = ReductionGradients.class,
      scalar = true,
      shape = "-> ()",
      range = "x")
  public static Tensor mean(Tensor x) {
    return Reductions.all("mean", x, 1f / x.shape().size());
  }

  /**
   * The means along one dimension, which the result lacks; FP32. A negative axis counts from the
   * end.
   */
  @Op(value = DENY, gradients = ReductionGradients.class, shape = "-> drop(x, axis)", range = "x")
  public static Tensor mean(Tensor x, int axis) {
    return Reductions.axis("mean", x, axis, 1f / Checks.axisLength("mean", x, axis));
  }

  // Losses: scalars, FP32.

  /**
   * The mean over rows of {@code log Σ e^logit − logit[label]}. Shapes: logits (…, classes), labels
   * (…), INT32. A label outside 0 to classes − 1 gives NaN, and so does an empty batch.
   *
   * @param labels not differentiable
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "logits(rows..., classes), labels(rows...) -> ()")
  public static Tensor crossEntropy(Tensor logits, Tensor labels) {
    return Losses.crossEntropy(logits, labels);
  }

  /** The mean of {@code (x − target)²} over all elements; equal shapes. */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "x(rows...), target(rows...) -> ()")
  public static Tensor meanSquaredError(Tensor x, Tensor target) {
    return Losses.meanSquaredError(x, target);
  }

  // Views: no copy.

  /**
   * The same elements, in row-major order, in another shape. A view, unless x is a transposed view
   * itself, which is copied.
   *
   * @param dims the new dimensions; one of them may be −1 and follows from the others
   */
  @Op(
      value = FOLLOW,
      gradients = ViewGradients.class,
      view = true,
      shape = "-> reshape(x, dims)",
      range = "x")
  public static Tensor reshape(Tensor x, int... dims) {
    return Views.reshape(x, Views.complete(x.shape(), dims));
  }

  /** The last two dimensions swapped. A view, which products read in place. */
  @Op(
      value = FOLLOW,
      gradients = ViewGradients.class,
      view = true,
      shape = "x(..., m, n) -> (..., n, m)",
      range = "x")
  public static Tensor transpose(Tensor x) {
    return Views.transpose(x);
  }

  /**
   * {@code x} as {@code dtype}, rounded to nearest, ties to even; {@code x} itself, retained, where
   * it is that already. The compiler writes casts: in a layer none is needed. Its gradient is the
   * cast back.
   */
  public static Tensor cast(Tensor x, DType dtype) {
    return Elementwise.cast(x, dtype);
  }
}
