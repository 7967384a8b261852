package dev.mezzo;

import static dev.mezzo.annotations.PrecisionClass.ALLOW;
import static dev.mezzo.annotations.PrecisionClass.DENY;
import static dev.mezzo.annotations.PrecisionClass.FOLLOW;

import dev.mezzo.annotations.Op;
import dev.mezzo.backend.Binary;
import dev.mezzo.backend.Comparison;
import dev.mezzo.backend.PairLoss;
import dev.mezzo.backend.Recurrence.Cell;
import dev.mezzo.backend.Resampling.Mode;
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
    return MatrixProducts.matmul(null, a, b);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor matmul(Finish finish, Tensor a, Tensor b) {
    return MatrixProducts.matmul(finish, a, b);
  }

  /**
   * The sum of products by names of dimensions, a letter each: {@code einsum("bhqd,bhkd->bhqk", q,
   * k)} multiplies elements whose names agree and sums over the names that the result lacks. One
   * batched matrix product between permutations, in FP32 accumulation as {@link #matmul}; a
   * dimension that one operand alone has and the result lacks is summed, and rounded, before it.
   * Names occur once in an operand: no diagonals.
   *
   * @throws ShapeException if the names do not fit the shapes, or the spec does not read so
   */
  @Op(value = ALLOW, gradients = EinsumGradients.class, shape = "-> einsum(spec, a, b)")
  public static Tensor einsum(String spec, Tensor a, Tensor b) {
    return Einsum.parse(spec).apply(a, b);
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
    return MatrixProducts.linear(null, x, weight, bias);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor linear(Finish finish, Tensor x, Tensor weight, Tensor bias) {
    return MatrixProducts.linear(finish, x, weight, bias);
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
    return Convolutions.conv2d(null, x, weight, null, geometry);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor conv2d(Finish finish, Tensor x, Tensor weight, Convolution geometry) {
    return Convolutions.conv2d(finish, x, weight, null, geometry);
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
    return Convolutions.conv2d(null, x, weight, bias, geometry);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor conv2d(
      Finish finish, Tensor x, Tensor weight, Tensor bias, Convolution geometry) {
    return Convolutions.conv2d(finish, x, weight, bias, geometry);
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
    return Convolutions.conv1d(null, x, weight, null, geometry);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor conv1d(Finish finish, Tensor x, Tensor weight, Convolution geometry) {
    return Convolutions.conv1d(finish, x, weight, null, geometry);
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
    return Convolutions.conv1d(null, x, weight, bias, geometry);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor conv1d(
      Finish finish, Tensor x, Tensor weight, Tensor bias, Convolution geometry) {
    return Convolutions.conv1d(finish, x, weight, bias, geometry);
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
    return Convolutions.convTranspose2d(null, x, weight, null, geometry);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor convTranspose2d(
      Finish finish, Tensor x, Tensor weight, Convolution geometry) {
    return Convolutions.convTranspose2d(finish, x, weight, null, geometry);
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
    return Convolutions.convTranspose2d(null, x, weight, bias, geometry);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor convTranspose2d(
      Finish finish, Tensor x, Tensor weight, Tensor bias, Convolution geometry) {
    return Convolutions.convTranspose2d(finish, x, weight, bias, geometry);
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

  // Images in another size.

  /**
   * An image of another size, each pixel the one of x that it falls on: {@code y[i] = x[⌊i·n/m⌋]}
   * along an axis of n pixels that becomes m. Exact. Shapes: x (batch, height, width, channels),
   * with a pixel at least, y as large as said.
   *
   * @param height at least 1
   * @param width at least 1
   */
  @Op(
      value = FOLLOW,
      gradients = ResamplingGradients.class,
      shape = "x(batch, h, w, channels) -> (batch, height, width, channels)",
      range = "x")
  public static Tensor upsampleNearest(Tensor x, int height, int width) {
    return Resamplings.forward("upsampleNearest", Mode.NEAREST, x, height, width);
  }

  /**
   * An image of another size, each pixel mixed of the four around its place in x. Where an axis
   * shrinks, pixels between are passed over: average first. Shapes as of {@link #upsampleNearest}.
   *
   * @param alignCorners whether pixels are points and the outer ones stay in place, {@code s = i·(n
   *     − 1)/(m − 1)}; else they are areas, {@code s = max((i + ½)·n/m − ½, 0)}
   */
  @Op(
      value = FOLLOW,
      gradients = ResamplingGradients.class,
      shape = "x(batch, h, w, channels) -> (batch, height, width, channels)",
      range = "x")
  public static Tensor upsampleBilinear(Tensor x, int height, int width, boolean alignCorners) {
    return Resamplings.forward(
        "upsampleBilinear", Resamplings.bilinear(alignCorners), x, height, width);
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
    return batchNorm(Tape.inference(), x, weight, bias, mean, variance, momentum, epsilon);
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
    return batchNorm(tape, Finish.none(), x, weight, bias, mean, variance, momentum, epsilon);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor batchNorm(
      Tape tape,
      Finish finish,
      Tensor x,
      Tensor weight,
      Tensor bias,
      State mean,
      State variance,
      float momentum,
      float epsilon) {
    return ChannelNorms.batchNorm(finish, tape, x, weight, bias, mean, variance, momentum, epsilon);
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
    return groupNorm(Tape.inference(), x, weight, bias, groups, epsilon);
  }

  /** The same; leaves the moments on the tape for the gradient. */
  public static Tensor groupNorm(
      Tape tape, Tensor x, Tensor weight, Tensor bias, int groups, float epsilon) {
    return groupNorm(tape, Finish.none(), x, weight, bias, groups, epsilon);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor groupNorm(
      Tape tape, Finish finish, Tensor x, Tensor weight, Tensor bias, int groups, float epsilon) {
    return ChannelNorms.groupNorm(finish, tape, x, weight, bias, groups, epsilon);
  }

  /**
   * A fully connected layer after gelu, {@code gelu(x)·weightᵀ + bias}: as the two operations, but
   * gelu(x) is not saved; its gradient computes it again from x, which is cheap beside the
   * products. Shapes as of {@link #linear}.
   */
  @Op(
      value = ALLOW,
      gradients = MatrixGradients.class,
      shape = "x(..., in), weight(out, in), bias(out) -> (..., out)")
  public static Tensor geluLinear(Tensor x, Tensor weight, Tensor bias) {
    return geluLinear(Finish.none(), x, weight, bias);
  }

  /** The same, finished before the one rounding. */
  public static Tensor geluLinear(Finish finish, Tensor x, Tensor weight, Tensor bias) {
    try (Tensor h = gelu(x)) {
      return MatrixProducts.linear(finish, h, weight, bias);
    }
  }

  // Element-wise arithmetic. Shapes are aligned at their last dimensions; a dimension of 1 is
  // repeated.

  /** {@code a + b}, element by element, with broadcasting. Exact but for the rounding. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "a + b",
      fuse = "a + b")
  public static Tensor add(Tensor a, Tensor b) {
    return Elementwise.binary("add", Binary.ADD, a, b);
  }

  /** {@code a − b}, element by element, with broadcasting. Exact but for the rounding. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "a - b",
      fuse = "a - b")
  public static Tensor subtract(Tensor a, Tensor b) {
    return Elementwise.binary("subtract", Binary.SUBTRACT, a, b);
  }

  /** {@code a·b}, element by element, with broadcasting. Exact but for the rounding. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "a * b",
      fuse = "a * b")
  public static Tensor multiply(Tensor a, Tensor b) {
    return Elementwise.binary("multiply", Binary.MULTIPLY, a, b);
  }

  /**
   * {@code a/b}, element by element, with broadcasting. ±Inf where b alone is ±0, NaN where both
   * are. Exact but for the rounding.
   */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "a / b",
      fuse = "a / b")
  public static Tensor divide(Tensor a, Tensor b) {
    return Elementwise.binary("divide", Binary.DIVIDE, a, b);
  }

  /** {@code factor·x}. The factor is FP32, whatever x is: it is not rounded to 16 bits. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "x * factor",
      fuse = "x * factor")
  public static Tensor scale(Tensor x, float factor) {
    return Elementwise.scale(x, factor);
  }

  /** {@code x + number}. The number is FP32, whatever x is: it is not rounded to 16 bits. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "x + number",
      fuse = "x + number")
  public static Tensor add(Tensor x, float number) {
    return Elementwise.plus("add", x, number);
  }

  /** {@code x − number}. The number is FP32, whatever x is: it is not rounded to 16 bits. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "x - number",
      fuse = "x - number")
  public static Tensor subtract(Tensor x, float number) {
    return Elementwise.plus("subtract", x, -number);
  }

  /**
   * {@code number − x}, as in {@code 1 − x}. The number is FP32, whatever x is: it is not rounded
   * to 16 bits.
   */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "number - x",
      fuse = "number - x")
  public static Tensor subtract(float number, Tensor x) {
    return Elementwise.from("subtract", number, x);
  }

  // Activations.

  /** {@code max(x, 0)}; NaN stays NaN. Exact. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "max(x, 0)",
      fuse = "relu(x)")
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
      range = "-0.17..max(x, 0)",
      fuse = "gelu(x)")
  public static Tensor gelu(Tensor x) {
    return Elementwise.unary("gelu", Unary.GELU, x, x.dtype());
  }

  /** {@code 1 / (1 + e⁻ˣ)}. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "0..1",
      fuse = "sigmoid(x)")
  public static Tensor sigmoid(Tensor x) {
    return Elementwise.unary("sigmoid", Unary.SIGMOID, x, x.dtype());
  }

  /** The hyperbolic tangent. */
  @Op(
      value = FOLLOW,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "-1..1",
      fuse = "tanh(x)")
  public static Tensor tanh(Tensor x) {
    return Elementwise.unary("tanh", Unary.TANH, x, x.dtype());
  }

  /**
   * {@code ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))}, the approximation of {@link #gelu} that GPT-2
   * and BERT were trained with: up to 5·10⁻⁴ from it. −Inf gives NaN.
   */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      fuse = "geluTanh(x)")
  public static Tensor geluTanh(Tensor x) {
    return Elementwise.unary("geluTanh", Unary.of(Unary.Function.GELU_TANH), x, x.dtype());
  }

  /**
   * {@code x·σ(x)}, also called swish. −Inf gives NaN, as −Inf·0 does.
   *
   * @see <a href="https://arxiv.org/abs/1702.03118">Elfwing et al., Sigmoid-weighted linear
   *     units</a>
   */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      range = "-0.28..max(x, 0)",
      fuse = "silu(x)")
  public static Tensor silu(Tensor x) {
    return Elementwise.unary("silu", Unary.of(Unary.Function.SILU), x, x.dtype());
  }

  /**
   * {@code x > 0 ? x : alpha·(eˣ − 1)}; without cancellation near 0. −Inf gives −alpha.
   *
   * @param alpha at least 0; usually 1
   * @see <a href="https://arxiv.org/abs/1511.07289">Clevert et al., Exponential linear units</a>
   */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      range = "(0 - alpha)..max(x, 0)",
      fuse = "elu(x, alpha)")
  public static Tensor elu(Tensor x, float alpha) {
    return Elementwise.unary(
        "elu",
        Unary.of(Unary.Function.ELU, Elementwise.atLeastZero("elu", "alpha", alpha)),
        x,
        x.dtype());
  }

  /**
   * {@code x > 0 ? x : slope·x}; NaN stays NaN. Exact but for the rounding.
   *
   * @param slope at least 0; usually 0.01
   */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      range = "max(x, x * slope)..min(x, x * slope)",
      fuse = "leakyRelu(x, slope)")
  public static Tensor leakyRelu(Tensor x, float slope) {
    return Elementwise.unary(
        "leakyRelu",
        Unary.of(Unary.Function.LEAKY_RELU, Elementwise.atLeastZero("leakyRelu", "slope", slope)),
        x,
        x.dtype());
  }

  /**
   * {@code log(1 + eˣ)}; neither overflows for large x nor loses precision for small. −Inf gives 0.
   */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      range = "max(x, 0)..max(x, 0) + 0.7",
      fuse = "softplus(x)",
      replaces = {
        "log(sigmoid(x)) -> negate(softplus(negate(x)))",
        "log(add(sigmoid(x), number)) -> negate(softplus(negate(x)))",
        "log(clamp(sigmoid(x), least, most)) -> negate(softplus(negate(x)))",
        "log(subtract(1, sigmoid(x))) -> negate(softplus(x))",
        "log(add(subtract(1, sigmoid(x)), number)) -> negate(softplus(x))",
        "log(clamp(subtract(1, sigmoid(x)), least, most)) -> negate(softplus(x))"
      })
  public static Tensor softplus(Tensor x) {
    return Elementwise.unary("softplus", Unary.of(Unary.Function.SOFTPLUS), x, x.dtype());
  }

  /**
   * {@code min(max(x, least), most)}; NaN stays NaN. It is {@link #clamp} but for its gradient at
   * the bounds, which is 0.
   *
   * @param least usually −1
   * @param most usually 1
   */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      range = "min(max(x, least), most)",
      fuse = "hardTanh(x, least, most)")
  public static Tensor hardTanh(Tensor x, float least, float most) {
    return Elementwise.unary(
        "hardTanh",
        Elementwise.bounds("hardTanh", Unary.Function.HARD_TANH, least, most),
        x,
        x.dtype());
  }

  /** {@code min(max(x + 3, 0), 6)/6}. */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      range = "0..1",
      fuse = "hardSigmoid(x)")
  public static Tensor hardSigmoid(Tensor x) {
    return Elementwise.unary("hardSigmoid", Unary.of(Unary.Function.HARD_SIGMOID), x, x.dtype());
  }

  /**
   * {@code x·hardSigmoid(x)}. −Inf gives NaN, as −Inf·0 does.
   *
   * @see <a href="https://arxiv.org/abs/1905.02244">Howard et al., Searching for MobileNetV3</a>
   */
  @Op(
      value = FOLLOW,
      gradients = ActivationGradients.class,
      shape = "x(...) -> (...)",
      range = "-0.38..max(x, 0)",
      fuse = "hardSwish(x)")
  public static Tensor hardSwish(Tensor x) {
    return Elementwise.unary("hardSwish", Unary.of(Unary.Function.HARD_SWISH), x, x.dtype());
  }

  /** {@code eˣ}, in FP32 whatever x is: beyond 11.09 it exceeds FP16. */
  @Op(
      value = DENY,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "exp(x)",
      fuse = "exp(x)")
  public static Tensor exp(Tensor x) {
    return Elementwise.unary("exp", Unary.EXP, x, DType.FP32);
  }

  /** The natural logarithm, in FP32 whatever x is; −Inf of ±0, NaN of a negative number. */
  @Op(
      value = DENY,
      gradients = ElementwiseGradients.class,
      shape = "x(...) -> (...)",
      range = "log(x)",
      fuse = "log(x)")
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
    return Elementwise.dropout(null, Tape.inference(), x, rate);
  }

  /**
   * Zeroes elements with probability {@code rate} and divides the others by 1 − rate, if {@code
   * tape} is one of training; else returns x, retained. The mask is a function of a seed drawn from
   * the tape, which is saved instead of the mask.
   *
   * @see <a href="https://jmlr.org/papers/v15/srivastava14a.html">Srivastava et al., Dropout</a>
   */
  public static Tensor dropout(Tape tape, Tensor x, float rate) {
    return Elementwise.dropout(null, tape, x, rate);
  }

  /** As the other, finished before the one rounding. */
  public static Tensor dropout(Tape tape, Finish finish, Tensor x, float rate) {
    return Elementwise.dropout(finish, tape, x, rate);
  }

  /**
   * Whether the layer is being trained: false here, where it runs by itself; its mixed form asks
   * the tape, so that dropout, batch norm and this agree. For {@code if}, {@code switch} and the
   * like in a layer's methods on tensors.
   */
  public static boolean training() {
    return Tape.inference().training();
  }

  // Powers and other functions of one operand.

  /**
   * {@code x^exponent}, in FP32 whatever x is. As {@link Math#pow}: exponent 0 gives 1, also for 0
   * and NaN; a negative x gives NaN unless the exponent is whole; 0 to a negative exponent is ±Inf.
   * The exponents −1, ½, 2, 3 and 4 take a multiplication or two, any other a logarithm and an
   * exponential function in FP64.
   */
  @Op(
      value = DENY,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "pow(x, exponent)",
      fuse = "pow(x, exponent)")
  public static Tensor pow(Tensor x, float exponent) {
    return Elementwise.unary("pow", Unary.of(Unary.Function.POW, exponent), x, DType.FP32);
  }

  /**
   * {@code base^exponent}, element by element, with broadcasting, in FP32 whatever they are;
   * special values as of {@link #pow(Tensor, float)}. The gradient by the exponent is NaN where the
   * base is negative, 0 where it is 0 and the exponent at least 0, as in PyTorch.
   */
  @Op(
      value = DENY,
      gradients = PowerGradients.class,
      shape = "base(...), exponent(...) -> (...)",
      fuse = "power(base, exponent)")
  public static Tensor pow(Tensor base, Tensor exponent) {
    return Elementwise.binary("pow", Binary.POWER, base, exponent, DType.FP32);
  }

  /** {@code x²}, in FP32 whatever x is: beyond 256 it exceeds FP16. */
  @Op(
      value = DENY,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "x * x",
      fuse = "square(x)")
  public static Tensor square(Tensor x) {
    return Elementwise.unary("square", Unary.of(Unary.Function.SQUARE), x, DType.FP32);
  }

  /**
   * {@code √x}; NaN of a negative number, −0 of −0. At 0 its gradient is ±Inf: add a small number
   * first where 0 occurs.
   */
  @Op(
      value = FOLLOW,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "sqrt(x)",
      fuse = "sqrt(x)")
  public static Tensor sqrt(Tensor x) {
    return Elementwise.unary("sqrt", Unary.of(Unary.Function.SQRT), x, x.dtype());
  }

  /** {@code 1/√x}, in FP32 whatever x is; ±Inf of ±0, NaN of a negative number. */
  @Op(
      value = DENY,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "1 / sqrt(x)",
      fuse = "rsqrt(x)")
  public static Tensor rsqrt(Tensor x) {
    return Elementwise.unary("rsqrt", Unary.of(Unary.Function.RSQRT), x, DType.FP32);
  }

  /** {@code 1/x}, in FP32 whatever x is: below 2⁻¹⁶ it exceeds FP16; ±Inf of ±0. */
  @Op(
      value = DENY,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "1 / x",
      fuse = "reciprocal(x)")
  public static Tensor reciprocal(Tensor x) {
    return Elementwise.unary("reciprocal", Unary.of(Unary.Function.RECIPROCAL), x, DType.FP32);
  }

  /** {@code |x|}. Exact. At 0 its gradient is 0. */
  @Op(
      value = FOLLOW,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "abs(x)",
      fuse = "abs(x)")
  public static Tensor abs(Tensor x) {
    return Elementwise.unary("abs", Unary.of(Unary.Function.ABS), x, x.dtype());
  }

  /** {@code −x}. Exact. */
  @Op(
      value = FOLLOW,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "0 - x",
      fuse = "-x")
  public static Tensor negate(Tensor x) {
    return Elementwise.scale(x, -1);
  }

  /** The sine of x in radians; NaN of ±Inf. */
  @Op(
      value = FOLLOW,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "-1..1",
      fuse = "sin(x)")
  public static Tensor sin(Tensor x) {
    return Elementwise.unary("sin", Unary.of(Unary.Function.SIN), x, x.dtype());
  }

  /** The cosine of x in radians; NaN of ±Inf. */
  @Op(
      value = FOLLOW,
      gradients = PowerGradients.class,
      shape = "x(...) -> (...)",
      range = "-1..1",
      fuse = "cos(x)")
  public static Tensor cos(Tensor x) {
    return Elementwise.unary("cos", Unary.of(Unary.Function.COS), x, x.dtype());
  }

  // Selection.

  /**
   * {@code min(max(x, least), most)}; NaN stays NaN. At the bounds its gradient is dy.
   *
   * @param least may be −Inf
   * @param most at least that; may be Inf
   */
  @Op(
      value = FOLLOW,
      gradients = SelectionGradients.class,
      shape = "x(...) -> (...)",
      range = "min(max(x, least), most)",
      fuse = "clamp(x, least, most)")
  public static Tensor clamp(Tensor x, float least, float most) {
    return Elementwise.unary(
        "clamp", Elementwise.bounds("clamp", Unary.Function.CLAMP, least, most), x, x.dtype());
  }

  /**
   * The greater of a and b, element by element, with broadcasting; NaN if one is. Where they are
   * equal each has half of the gradient. Exact.
   */
  @Op(
      value = FOLLOW,
      gradients = SelectionGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "max(a, b)",
      fuse = "maximum(a, b)")
  public static Tensor maximum(Tensor a, Tensor b) {
    return Elementwise.binary("maximum", Binary.MAXIMUM, a, b);
  }

  /**
   * The smaller of a and b, element by element, with broadcasting; NaN if one is. Where they are
   * equal each has half of the gradient. Exact.
   */
  @Op(
      value = FOLLOW,
      gradients = SelectionGradients.class,
      shape = "a(...), b(...) -> (...)",
      range = "min(a, b)",
      fuse = "minimum(a, b)")
  public static Tensor minimum(Tensor a, Tensor b) {
    return Elementwise.binary("minimum", Binary.MINIMUM, a, b);
  }

  /**
   * {@code condition ≠ 0 ? a : b}, element by element, with broadcasting of all three. Nothing of
   * the other one remains, in the result or in a gradient: NaN there does no harm. Exact.
   *
   * @param condition INT32; not differentiable
   */
  @Op(
      value = FOLLOW,
      gradients = SelectionGradients.class,
      shape = "condition(...), a(...), b(...) -> (...)",
      range = "a..b")
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return Elementwise.where(condition, a, b);
  }

  // Comparisons: 1 or 0, INT32, as conditions of where. Operands are of any float type each, or
  // both
  // INT32. NaN is not equal to anything, nor less or greater. Not differentiable.

  /** {@code a = b ? 1 : 0}, element by element, with broadcasting. */
  @Op(value = DENY, shape = "a(...), b(...) -> (...)")
  public static Tensor equal(Tensor a, Tensor b) {
    return Comparisons.compare("equal", Comparison.EQUAL, a, b);
  }

  /** {@code x = value ? 1 : 0}, element by element; of INT32 the value must be whole. */
  @Op(value = DENY, shape = "x(rows...) -> (rows...)")
  public static Tensor equal(Tensor x, float value) {
    return Comparisons.compare("equal", Comparison.EQUAL, x, value);
  }

  /** {@code a ≠ b ? 1 : 0}, element by element, with broadcasting. */
  @Op(value = DENY, shape = "a(...), b(...) -> (...)")
  public static Tensor notEqual(Tensor a, Tensor b) {
    return Comparisons.compare("notEqual", Comparison.NOT_EQUAL, a, b);
  }

  /** {@code x ≠ value ? 1 : 0}, element by element; of INT32 the value must be whole. */
  @Op(value = DENY, shape = "x(rows...) -> (rows...)")
  public static Tensor notEqual(Tensor x, float value) {
    return Comparisons.compare("notEqual", Comparison.NOT_EQUAL, x, value);
  }

  /** {@code a < b ? 1 : 0}, element by element, with broadcasting. */
  @Op(value = DENY, shape = "a(...), b(...) -> (...)")
  public static Tensor less(Tensor a, Tensor b) {
    return Comparisons.compare("less", Comparison.LESS, a, b);
  }

  /** {@code x < value ? 1 : 0}, element by element; of INT32 the value must be whole. */
  @Op(value = DENY, shape = "x(rows...) -> (rows...)")
  public static Tensor less(Tensor x, float value) {
    return Comparisons.compare("less", Comparison.LESS, x, value);
  }

  /** {@code a ≤ b ? 1 : 0}, element by element, with broadcasting. */
  @Op(value = DENY, shape = "a(...), b(...) -> (...)")
  public static Tensor lessOrEqual(Tensor a, Tensor b) {
    return Comparisons.compare("lessOrEqual", Comparison.LESS_OR_EQUAL, a, b);
  }

  /** {@code x ≤ value ? 1 : 0}, element by element; of INT32 the value must be whole. */
  @Op(value = DENY, shape = "x(rows...) -> (rows...)")
  public static Tensor lessOrEqual(Tensor x, float value) {
    return Comparisons.compare("lessOrEqual", Comparison.LESS_OR_EQUAL, x, value);
  }

  /** {@code a > b ? 1 : 0}, element by element, with broadcasting. */
  @Op(value = DENY, shape = "a(...), b(...) -> (...)")
  public static Tensor greater(Tensor a, Tensor b) {
    return Comparisons.compare("greater", Comparison.LESS, b, a);
  }

  /** {@code x > value ? 1 : 0}, element by element; of INT32 the value must be whole. */
  @Op(value = DENY, shape = "x(rows...) -> (rows...)")
  public static Tensor greater(Tensor x, float value) {
    return Comparisons.compareTurned("greater", Comparison.LESS, x, value);
  }

  /** {@code a ≥ b ? 1 : 0}, element by element, with broadcasting. */
  @Op(value = DENY, shape = "a(...), b(...) -> (...)")
  public static Tensor greaterOrEqual(Tensor a, Tensor b) {
    return Comparisons.compare("greaterOrEqual", Comparison.LESS_OR_EQUAL, b, a);
  }

  /** {@code x ≥ value ? 1 : 0}, element by element; of INT32 the value must be whole. */
  @Op(value = DENY, shape = "x(rows...) -> (rows...)")
  public static Tensor greaterOrEqual(Tensor x, float value) {
    return Comparisons.compareTurned("greaterOrEqual", Comparison.LESS_OR_EQUAL, x, value);
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
      replaces = {
        "log(softmax(x))",
        "log(add(softmax(x), number))",
        "log(clamp(softmax(x), least, most))"
      })
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

  /**
   * Layer norm along the last dimension: {@code (x − mean) / √(variance + epsilon)·weight + bias},
   * the variance that of all n elements. Shapes: weight, bias (n). Computed in FP32 and rounded
   * once; a row that holds NaN or ±Inf becomes NaN.
   *
   * @see <a href="https://arxiv.org/abs/1607.06450">Ba et al., Layer Normalization</a>
   */
  @Op(
      value = FOLLOW,
      gradients = LayerNormGradients.class,
      shape = "x(..., n), weight(n), bias(n) -> (..., n)")
  public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, float epsilon) {
    return LayerNorms.forward("layerNorm", x, weight, bias, epsilon);
  }

  /**
   * RMS norm along the last dimension: {@code x / √(mean x² + epsilon)·weight}. Shapes: weight (n).
   * Computed in FP32 and rounded once.
   *
   * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich, Root Mean Square Layer
   *     Normalization</a>
   */
  @Op(
      value = FOLLOW,
      gradients = LayerNormGradients.class,
      shape = "x(..., n), weight(n) -> (..., n)")
  public static Tensor rmsNorm(Tensor x, Tensor weight, float epsilon) {
    return LayerNorms.forward("rmsNorm", x, weight, null, epsilon);
  }

  // Sequences.

  /**
   * The rows of {@code weight} that {@code indices} name. Shapes: weight (rows, features), indices
   * (…), INT32, result (…, features). An index out of range gives a row of NaN.
   *
   * @param indices not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = EmbeddingGradients.class,
      shape = "weight(n, features), indices(rows...) -> (rows..., features)",
      range = "weight")
  public static Tensor embedding(Tensor weight, Tensor indices) {
    return Embeddings.gather(weight, indices);
  }

  /**
   * Scaled dot-product attention, {@code softmax(q·kᵀ / √dim)·v} for each head. Shapes: q (batch,
   * queries, heads·dim), k and v (batch, keys, n·dim), result as q; heads lie side by side, and n
   * divides heads: several query heads then share a key head. FP32 throughout, one rounding; the
   * matrix of scores is never in memory.
   *
   * @param causal whether query i sees only keys up to {@code i + keys − queries}; one that sees
   *     none gives 0
   * @see <a href="https://arxiv.org/abs/1706.03762">Vaswani et al., Attention Is All You Need</a>
   * @see <a href="https://arxiv.org/abs/2305.13245">Ainslie et al., grouped query attention</a>
   */
  @Op(
      value = ALLOW,
      gradients = AttentionGradients.class,
      shape =
          "q(batch, queries, width), k(batch, keys, size), v(batch, keys, size) ->"
              + " (batch, queries, width)")
  public static Tensor attention(Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
    return attention(Tape.inference(), q, k, v, heads, causal);
  }

  /** As the other; saves the logarithms of the sums of exponentials. */
  public static Tensor attention(
      Tape tape, Tensor q, Tensor k, Tensor v, int heads, boolean causal) {
    return Attentions.attention(tape, q, k, v, new Attentions.Settings(heads, causal, null));
  }

  /**
   * Attention with a mask, which is added to the scores: −Inf hides a key. Shapes: mask (batch,
   * heads, queries, keys), of any float type, or 1 in place of any of the first three. A query from
   * which all keys are hidden gives 0.
   *
   * @param mask not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = AttentionGradients.class,
      shape =
          "q(batch, queries, width), k(batch, keys, size), v(batch, keys, size),"
              + " mask(b, h, m, keys) -> (batch, queries, width)")
  public static Tensor attention(Tensor q, Tensor k, Tensor v, Tensor mask, int heads) {
    return attention(Tape.inference(), q, k, v, mask, heads);
  }

  /** As the other; saves the logarithms of the sums of exponentials. */
  public static Tensor attention(Tape tape, Tensor q, Tensor k, Tensor v, Tensor mask, int heads) {
    return Attentions.attention(tape, q, k, v, new Attentions.Settings(heads, false, mask));
  }

  /**
   * Attention of a sequence to itself, from one matrix that holds queries, keys and values side by
   * side, as one product makes them: nothing is split or copied. Shapes: qkv (batch, time, (heads +
   * 2·keyHeads)·dim), result (batch, time, heads·dim). Else as {@link #attention}.
   *
   * @param keyHeads heads of keys and values; divides {@code heads}
   */
  @Op(
      value = ALLOW,
      gradients = AttentionGradients.class,
      shape = "qkv(batch, time, (heads + 2*keyHeads)*dim) -> (batch, time, heads*dim)")
  public static Tensor selfAttention(Tensor qkv, int heads, int keyHeads, boolean causal) {
    return selfAttention(Tape.inference(), qkv, heads, keyHeads, causal);
  }

  /** As the other; saves the logarithms of the sums of exponentials. */
  public static Tensor selfAttention(
      Tape tape, Tensor qkv, int heads, int keyHeads, boolean causal) {
    return Attentions.selfAttention(tape, qkv, heads, keyHeads, causal);
  }

  /**
   * A long short-term memory, given the input's part of its gates, as {@code linear(x, weight,
   * bias)} makes it for all time steps at once. Shapes, time first: gates (time, batch,
   * directions·4·hidden), gate after gate in the order i, f, g, o; weight (directions, 4·hidden,
   * hidden), the recurrent one; result (time, batch, directions·hidden). Of two directions the
   * second one goes back in time. States begin at 0 and are FP32 from step to step.
   *
   * @see <a href="https://doi.org/10.1162/neco.1997.9.8.1735">Hochreiter and Schmidhuber, Long
   *     Short-Term Memory</a>
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 4*hidden, hidden), gates(time, batch,"
              + " 4*directions*hidden) -> (time, batch, directions*hidden)",
      range = "-1..1")
  public static Tensor lstm(Tensor gates, Tensor weight) {
    return lstm(Tape.inference(), gates, weight);
  }

  /** As the other; saves the gates after their functions, and the cells. */
  public static Tensor lstm(Tape tape, Tensor gates, Tensor weight) {
    return Recurrences.forward(
        tape, gates, weight, new Recurrences.Settings(Cell.LSTM, null, null));
  }

  /**
   * The same for sequences of unequal lengths: behind the end of one the result is 0, and the other
   * direction begins there.
   *
   * @param lengths (batch), INT32; not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 4*hidden, hidden), gates(time, batch,"
              + " 4*directions*hidden), lengths(batch) -> (time, batch, directions*hidden)",
      range = "-1..1")
  public static Tensor lstm(Tensor gates, Tensor weight, Tensor lengths) {
    return lstm(Tape.inference(), gates, weight, lengths);
  }

  /** As the other; saves the gates after their functions, and the cells. */
  public static Tensor lstm(Tape tape, Tensor gates, Tensor weight, Tensor lengths) {
    return Recurrences.forward(
        tape, gates, weight, new Recurrences.Settings(Cell.LSTM, null, lengths));
  }

  /**
   * Gated recurrent units, given the input's part of their gates. Shapes as of {@link #lstm}, with
   * 3·hidden gates in the order r, z, n; bias (directions, hidden) is added to the recurrent part
   * of n, before r multiplies it. The recurrent biases of r and z, which other libraries have,
   * belong to those of the input.
   *
   * @see <a href="https://arxiv.org/abs/1406.1078">Cho et al., Learning Phrase Representations
   *     using RNN Encoder-Decoder</a>
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 3*hidden, hidden), gates(time, batch,"
              + " 3*directions*hidden), bias(directions, hidden) -> (time, batch,"
              + " directions*hidden)",
      range = "-1..1")
  public static Tensor gru(Tensor gates, Tensor weight, Tensor bias) {
    return gru(Tape.inference(), gates, weight, bias);
  }

  /** As the other; saves r, z, n, and the recurrent part of n. */
  public static Tensor gru(Tape tape, Tensor gates, Tensor weight, Tensor bias) {
    return Recurrences.forward(tape, gates, weight, new Recurrences.Settings(Cell.GRU, bias, null));
  }

  /**
   * The same for sequences of unequal lengths, as with {@link #lstm}.
   *
   * @param lengths (batch), INT32; not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 3*hidden, hidden), gates(time, batch,"
              + " 3*directions*hidden), bias(directions, hidden), lengths(batch) -> (time,"
              + " batch, directions*hidden)",
      range = "-1..1")
  public static Tensor gru(Tensor gates, Tensor weight, Tensor bias, Tensor lengths) {
    return gru(Tape.inference(), gates, weight, bias, lengths);
  }

  /** As the other; saves r, z, n, and the recurrent part of n. */
  public static Tensor gru(Tape tape, Tensor gates, Tensor weight, Tensor bias, Tensor lengths) {
    return Recurrences.forward(
        tape, gates, weight, new Recurrences.Settings(Cell.GRU, bias, lengths));
  }

  /**
   * A plain recurrence, {@code y = f(gates + weight·y before)}. Shapes as of {@link #lstm}, with
   * one gate.
   *
   * @param relu whether f is relu; else tanh
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, hidden, hidden), gates(time, batch, directions*hidden)"
              + " -> (time, batch, directions*hidden)")
  public static Tensor rnn(Tensor gates, Tensor weight, boolean relu) {
    Cell cell = relu ? Cell.RELU : Cell.TANH;
    return Recurrences.forward(
        Tape.inference(), gates, weight, new Recurrences.Settings(cell, null, null));
  }

  /**
   * The same for sequences of unequal lengths, as with {@link #lstm}.
   *
   * @param lengths (batch), INT32; not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, hidden, hidden), gates(time, batch,"
              + " directions*hidden), lengths(batch) -> (time, batch, directions*hidden)")
  public static Tensor rnn(Tensor gates, Tensor weight, Tensor lengths, boolean relu) {
    Cell cell = relu ? Cell.RELU : Cell.TANH;
    return Recurrences.forward(
        Tape.inference(), gates, weight, new Recurrences.Settings(cell, null, lengths));
  }

  /**
   * {@link #lstm(Tensor, Tensor)} from a given state, and with the last one: behind the results of
   * all steps stand, in the form of the initial state, the last results and the last c. {@code
   * slice} tells them apart: {@code slice(y, 0, 0, time)}, {@code slice(y, 0, time, time + 2)}. So
   * a sequence can be continued, and backward goes on into what made the state. Shapes: state (2,
   * batch, directions·hidden), result (time + 2, batch, directions·hidden).
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 4*hidden, hidden), gates(time, batch, 4*directions*hidden), state(2, batch, directions*hidden) -> (time + 2, batch, directions*hidden)")
  public static Tensor lstmFrom(Tensor gates, Tensor weight, Tensor state) {
    return lstmFrom(Tape.inference(), gates, weight, state);
  }

  /** As the other; saves what the gradient reads. */
  public static Tensor lstmFrom(Tape tape, Tensor gates, Tensor weight, Tensor state) {
    return Recurrences.forward(
        tape, gates, weight, new Recurrences.Settings(Cell.LSTM, null, null, state));
  }

  /**
   * The same for sequences of unequal lengths: of each the last state is that at its end.
   *
   * @param lengths (batch), INT32; not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 4*hidden, hidden), gates(time, batch, 4*directions*hidden), state(2, batch, directions*hidden), lengths(batch) -> (time + 2, batch, directions*hidden)")
  public static Tensor lstmFrom(Tensor gates, Tensor weight, Tensor state, Tensor lengths) {
    return lstmFrom(Tape.inference(), gates, weight, state, lengths);
  }

  /** As the other; saves what the gradient reads. */
  public static Tensor lstmFrom(
      Tape tape, Tensor gates, Tensor weight, Tensor state, Tensor lengths) {
    return Recurrences.forward(
        tape, gates, weight, new Recurrences.Settings(Cell.LSTM, null, lengths, state));
  }

  /**
   * {@link #gru(Tensor, Tensor, Tensor)} from a given state, and with the last one, as {@link
   * #lstmFrom}. Shapes: state (1, batch, directions·hidden), result (time + 1, batch,
   * directions·hidden).
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 3*hidden, hidden), gates(time, batch, 3*directions*hidden), bias(directions, hidden), state(1, batch, directions*hidden) -> (time + 1, batch, directions*hidden)")
  public static Tensor gruFrom(Tensor gates, Tensor weight, Tensor bias, Tensor state) {
    return gruFrom(Tape.inference(), gates, weight, bias, state);
  }

  /** As the other; saves what the gradient reads. */
  public static Tensor gruFrom(Tape tape, Tensor gates, Tensor weight, Tensor bias, Tensor state) {
    return Recurrences.forward(
        tape, gates, weight, new Recurrences.Settings(Cell.GRU, bias, null, state));
  }

  /**
   * The same for sequences of unequal lengths: of each the last state is that at its end.
   *
   * @param lengths (batch), INT32; not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, 3*hidden, hidden), gates(time, batch, 3*directions*hidden), bias(directions, hidden), state(1, batch, directions*hidden), lengths(batch) -> (time + 1, batch, directions*hidden)")
  public static Tensor gruFrom(
      Tensor gates, Tensor weight, Tensor bias, Tensor state, Tensor lengths) {
    return gruFrom(Tape.inference(), gates, weight, bias, state, lengths);
  }

  /** As the other; saves what the gradient reads. */
  public static Tensor gruFrom(
      Tape tape, Tensor gates, Tensor weight, Tensor bias, Tensor state, Tensor lengths) {
    return Recurrences.forward(
        tape, gates, weight, new Recurrences.Settings(Cell.GRU, bias, lengths, state));
  }

  /**
   * {@link #rnn(Tensor, Tensor, boolean)} from a given state, and with the last one, as {@link
   * #lstmFrom}. Shapes: state (1, batch, directions·hidden), result (time + 1, batch,
   * directions·hidden).
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, hidden, hidden), gates(time, batch, directions*hidden), state(1, batch, directions*hidden) -> (time + 1, batch, directions*hidden)")
  public static Tensor rnnFrom(Tensor gates, Tensor weight, Tensor state, boolean relu) {
    return Recurrences.forward(
        Tape.inference(),
        gates,
        weight,
        new Recurrences.Settings(relu ? Cell.RELU : Cell.TANH, null, null, state));
  }

  /**
   * The same for sequences of unequal lengths: of each the last state is that at its end.
   *
   * @param lengths (batch), INT32; not differentiable
   */
  @Op(
      value = ALLOW,
      gradients = RecurrenceGradients.class,
      shape =
          "weight(directions, hidden, hidden), gates(time, batch, directions*hidden), state(1, batch, directions*hidden), lengths(batch) -> (time + 1, batch, directions*hidden)")
  public static Tensor rnnFrom(
      Tensor gates, Tensor weight, Tensor state, Tensor lengths, boolean relu) {
    return Recurrences.forward(
        Tape.inference(),
        gates,
        weight,
        new Recurrences.Settings(relu ? Cell.RELU : Cell.TANH, null, lengths, state));
  }

  /**
   * {@code x + weight[t]} at time t: learned positions. Shapes: x (…, time, features), weight (n,
   * features) with n ≥ time.
   */
  @Op(
      value = FOLLOW,
      gradients = EmbeddingGradients.class,
      shape = "x(..., time, features), weight(n, features) -> (..., time, features)",
      range = "x + weight")
  public static Tensor addPositions(Tensor x, Tensor weight) {
    return Embeddings.addPositions(x, weight);
  }

  /**
   * A rotary embedding of positions: in heads side by side, elements i and i + dim/2 of position p
   * turn by the angle {@code p·base^(−2i/dim)}, so that the product of a query and a key depends on
   * their distance alone. Shapes: x (batch, time, heads·dim), result as x. Angles are FP64.
   *
   * @param heads divides the last dimension; dim must be even
   * @param rotated so many heads turn, the others stay: values behind queries and keys
   * @param first position of the first time step; others follow
   * @param base usually 10000
   * @see <a href="https://arxiv.org/abs/2104.09864">Su et al., RoFormer</a>
   */
  @Op(
      value = FOLLOW,
      gradients = EmbeddingGradients.class,
      shape = "x(batch, time, heads*dim) -> (batch, time, heads*dim)")
  public static Tensor rotary(Tensor x, int heads, int rotated, int first, float base) {
    return Embeddings.rotary("rotary", x, new Embeddings.Turn(heads, rotated, first, base), false);
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

  /**
   * The sums over several axes, FP32. The result lacks them, or has 1 for each if {@code keepDims}.
   *
   * @param axes each once, in any order; negative ones count from the end; none sums nothing
   */
  @Op(
      value = DENY,
      gradients = ReductionGradients.class,
      shape = "-> reduce(x, axes, keepDims)",
      range = "x * count")
  public static Tensor sum(Tensor x, int[] axes, boolean keepDims) {
    return AxesReductions.sum("sum", x, axes, keepDims, 1);
  }

  /**
   * The means over several axes, FP32; NaN of none. Axes as for {@link #sum(Tensor, int[],
   * boolean)}.
   */
  @Op(
      value = DENY,
      gradients = ReductionGradients.class,
      shape = "-> reduce(x, axes, keepDims)",
      range = "x")
  public static Tensor mean(Tensor x, int[] axes, boolean keepDims) {
    return AxesReductions.sum("mean", x, axes, keepDims, AxesReductions.inverse(x, axes));
  }

  /**
   * The greatest elements over several axes; NaN if one is. Exact. Equal ones share the gradient.
   * Axes as for {@link #sum(Tensor, int[], boolean)}.
   */
  @Op(
      value = FOLLOW,
      gradients = ReductionGradients.class,
      shape = "-> reduce(x, axes, keepDims)",
      range = "max(x, x)")
  public static Tensor max(Tensor x, int[] axes, boolean keepDims) {
    return AxesReductions.extreme("max", x, axes, keepDims, 1);
  }

  /**
   * The least elements over several axes; NaN if one is. Exact. Equal ones share the gradient. Axes
   * as for {@link #sum(Tensor, int[], boolean)}.
   */
  @Op(
      value = FOLLOW,
      gradients = ReductionGradients.class,
      shape = "-> reduce(x, axes, keepDims)",
      range = "min(x, x)")
  public static Tensor min(Tensor x, int[] axes, boolean keepDims) {
    return AxesReductions.extreme("min", x, axes, keepDims, -1);
  }

  /**
   * {@code Σ (x − mean)²/(n − correction)} over several axes, FP32, in two passes: the mean first,
   * so that nothing cancels. n up to the correction gives NaN or Inf. Axes as for {@link
   * #sum(Tensor, int[], boolean)}.
   *
   * @param correction 0 for the variance of these numbers, 1 for an estimate of their population's
   */
  @Op(
      value = DENY,
      gradients = ReductionGradients.class,
      shape = "-> reduce(x, axes, keepDims)",
      replaces = {
        "subtract(mean(multiply(x, x), axes, keep), multiply(mean(x, axes, keep),"
            + " mean(x, axes, keep)))",
        "subtract(mean(square(x), axes, keep), square(mean(x, axes, keep)))",
        "subtract(mean(multiply(x, x), axes, keep), square(mean(x, axes, keep)))",
        "subtract(mean(multiply(x, x)), multiply(mean(x), mean(x)))",
        "subtract(mean(multiply(x, x), axis), multiply(mean(x, axis), mean(x," + " axis)))",
        "subtract(mean(square(x)), square(mean(x)))",
        "subtract(mean(square(x), axis), square(mean(x, axis)))",
        "subtract(mean(multiply(x, x)), square(mean(x)))",
        "subtract(mean(multiply(x, x), axis), square(mean(x, axis)))"
      })
  public static Tensor variance(Tensor x, int[] axes, int correction, boolean keepDims) {
    return AxesReductions.variance(x, axes, correction, keepDims);
  }

  /**
   * {@code y[…, j, …] = Σ x[…, k, …]} over k up to j along one axis, FP32; sums in FP64, each
   * rounded once.
   */
  @Op(value = DENY, gradients = ArrangementGradients.class, shape = "x(rows...) -> (rows...)")
  public static Tensor cumulativeSum(Tensor x, int axis) {
    return Arrangement.cumulativeSum("cumulativeSum", x, axis, false, DType.FP32);
  }

  // Arrangement: elements move, values stay.

  /** The dimensions in another order, copied: dimension i of the result is {@code axes[i]} of x. */
  @Op(
      value = FOLLOW,
      gradients = ArrangementGradients.class,
      shape = "-> permute(x, axes)",
      range = "x")
  public static Tensor permute(Tensor x, int... axes) {
    return Arrangement.permute(x, axes);
  }

  /**
   * Elements {@code from} up to {@code to − 1} along one axis. Negative numbers count from the end.
   */
  @Op(
      value = FOLLOW,
      gradients = ArrangementGradients.class,
      shape = "-> slice(x, axis, from, to)",
      range = "x")
  public static Tensor slice(Tensor x, int axis, int from, int to) {
    return Arrangement.slice(x, axis, from, to);
  }

  /**
   * Elements {@code from[d]} up to {@code to[d] − 1} of each dimension d. Negative numbers count
   * from the end.
   */
  @Op(
      value = FOLLOW,
      gradients = ArrangementGradients.class,
      shape = "-> crop(x, from, to)",
      range = "x")
  public static Tensor crop(Tensor x, int[] from, int[] to) {
    return Arrangement.crop("crop", x, from, to);
  }

  /** x with {@code before[d]} and {@code after[d]} elements {@code value} around dimension d. */
  @Op(
      value = FOLLOW,
      gradients = ArrangementGradients.class,
      shape = "-> pad(x, before, after)",
      range = "x..value")
  public static Tensor pad(Tensor x, int[] before, int[] after, float value) {
    return Arrangement.pad(x, before, after, value);
  }

  /** b after a along one axis; the other dimensions are equal. */
  @Op(
      value = FOLLOW,
      gradients = ArrangementGradients.class,
      shape = "-> join(a, b, axis)",
      range = "a..b")
  public static Tensor concat(Tensor a, Tensor b, int axis) {
    return Arrangement.concat(axis, a, b);
  }

  /**
   * Tensors of one element type one after the other along one axis; the other dimensions are equal.
   */
  @Op(value = FOLLOW, gradients = ArrangementGradients.class, shape = "-> concat(parts, axis)")
  public static Tensor concat(int axis, Tensor... parts) {
    return Arrangement.concat(axis, parts);
  }

  /** Tensors of one shape and element type side by side along a new axis. */
  @Op(value = FOLLOW, gradients = ArrangementGradients.class, shape = "-> stack(parts, axis)")
  public static Tensor stack(int axis, Tensor... parts) {
    return Arrangement.stack(axis, parts);
  }

  /** Parts of given lengths, one at least, which add up to that of the axis. */
  @Op(value = FOLLOW, gradients = ArrangementGradients.class, shape = "-> split(x, axis, lengths)")
  public static Tensor[] split(Tensor x, int axis, int... lengths) {
    return Arrangement.split(x, axis, lengths);
  }

  /**
   * The tensors that lie side by side along an axis, without it: what stack puts together; one at
   * least.
   */
  @Op(value = FOLLOW, gradients = ArrangementGradients.class, shape = "-> drop(x, axis)")
  public static Tensor[] unstack(Tensor x, int axis) {
    return Arrangement.unstack(x, axis);
  }

  /**
   * {@code y[…, k, …] = x[…, index[…, k, …], …]} along one axis. An index out of range gives NaN.
   *
   * @param index INT32, with the dimensions of x but for the axis; not differentiable
   */
  @Op(
      value = FOLLOW,
      gradients = ArrangementGradients.class,
      shape = "index(places...) -> (places...)")
  public static Tensor gather(Tensor x, Tensor index, int axis) {
    return Arrangement.gather("gather", x, index, axis);
  }

  /**
   * A copy of x with {@code y[…, index[…, k, …], …] += source[…, k, …]} along one axis; sums in
   * FP32, rounded once. An index out of range makes its line of y NaN.
   *
   * @param index INT32, with the dimensions of x but for the axis; not differentiable
   * @param source in the shape of the index
   */
  @Op(
      value = FOLLOW,
      gradients = ArrangementGradients.class,
      shape = "x(rows...), index(places...), source(places...) -> (rows...)")
  public static Tensor scatterAdd(Tensor x, Tensor index, Tensor source, int axis) {
    DType dtype = Checks.oneFloatType("scatterAdd", x, source);
    return Arrangement.scatterAdd("scatterAdd", Arrangement.sums(x), index, source, axis, dtype);
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

  /**
   * Cross entropy with label smoothing: the target is {@code 1 − smoothing} of the label and {@code
   * smoothing} spread over all classes. The mean over the rows whose label is not {@code
   * ignoreIndex}; NaN if there are none. Shapes and other labels as for {@link
   * #crossEntropy(Tensor, Tensor)}.
   *
   * @param labels not differentiable
   * @param smoothing in [0, 1]
   * @param ignoreIndex a label, as of padding; PyTorch's default is −100
   * @see <a href="https://arxiv.org/abs/1512.00567">Szegedy et al., Rethinking the Inception
   *     Architecture, section 7</a>
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "logits(rows..., classes), labels(rows...) -> ()")
  public static Tensor crossEntropy(
      Tensor logits, Tensor labels, float smoothing, int ignoreIndex) {
    return ClassLosses.crossEntropy(
        logits, new ClassLosses.Targets(labels, null, null, smoothing, ignoreIndex));
  }

  /**
   * As the other, each class with a weight: the sum of the rows' losses, each term times its
   * class's weight, over the sum of the labels' weights, as in PyTorch.
   *
   * @param labels not differentiable
   * @param classWeights (classes), of any float type; not differentiable
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "logits(rows..., classes), labels(rows...), classWeights(classes) -> ()")
  public static Tensor crossEntropyByClass(
      Tensor logits, Tensor labels, Tensor classWeights, float smoothing, int ignoreIndex) {
    return ClassLosses.crossEntropy(
        logits, new ClassLosses.Targets(labels, classWeights, null, smoothing, ignoreIndex));
  }

  /**
   * As the other, each row with a weight: the weighted mean of the rows' losses.
   *
   * @param labels not differentiable
   * @param tokenWeights in the labels' shape, of any float type; not differentiable
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "logits(rows..., classes), labels(rows...), tokenWeights(rows...) -> ()")
  public static Tensor crossEntropyByToken(
      Tensor logits, Tensor labels, Tensor tokenWeights, float smoothing, int ignoreIndex) {
    return ClassLosses.crossEntropy(
        logits, new ClassLosses.Targets(labels, null, tokenWeights, smoothing, ignoreIndex));
  }

  /**
   * The mean of {@code log(1 + eˣ) − x·target}: cross entropy of two classes, x the logit of one
   * and target its probability. Neither overflows nor loses precision, whatever x is. Equal shapes.
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "x(rows...), target(rows...) -> ()",
      replaces = {
        "binaryCrossEntropy(sigmoid(x), target)",
        "binaryCrossEntropy(clamp(sigmoid(x), least, most), target)"
      })
  public static Tensor binaryCrossEntropyWithLogits(Tensor x, Tensor target) {
    return PairLosses.loss(
        "binaryCrossEntropyWithLogits", PairLosses.of(PairLoss.Function.LOGISTIC), x, target);
  }

  /**
   * The mean of {@code −target·log x − (1 − target)·log(1 − x)}, x probabilities, the logarithms at
   * least −100. In 16 bits, 1 − x has lost what {@link #binaryCrossEntropyWithLogits} keeps: prefer
   * that to a sigmoid and this. NaN outside of [0, 1]. Equal shapes.
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "x(rows...), target(rows...) -> ()")
  public static Tensor binaryCrossEntropy(Tensor x, Tensor target) {
    return PairLosses.loss(
        "binaryCrossEntropy", PairLosses.of(PairLoss.Function.BINARY_CROSS_ENTROPY), x, target);
  }

  /**
   * The mean of {@code d²/(2·beta)} where d = |x − target| is below beta, else of {@code d −
   * beta/2}. Equal shapes.
   *
   * @param beta at least 0, where it is the mean absolute error
   * @see <a href="https://arxiv.org/abs/1504.08083">Girshick, Fast R-CNN</a>
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "x(rows...), target(rows...) -> ()")
  public static Tensor smoothL1(Tensor x, Tensor target, float beta) {
    return PairLosses.loss("smoothL1", PairLosses.smoothL1(beta), x, target);
  }

  /**
   * The mean of {@link #binaryCrossEntropyWithLogits}'s terms, each times {@code (1 − p)^gamma}, p
   * the probability of the right answer, and times alpha where the target is 1, 1 − alpha where it
   * is 0. Equal shapes.
   *
   * @param target 0 or 1; not differentiable
   * @param alpha in [0, 1]; the paper's is 0.25
   * @param gamma at least 0; the paper's is 2
   * @see <a href="https://arxiv.org/abs/1708.02002">Lin et al., Focal Loss for Dense Object
   *     Detection</a>
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "x(rows...), target(rows...) -> ()")
  public static Tensor focalLoss(Tensor x, Tensor target, float alpha, float gamma) {
    return PairLosses.loss("focalLoss", PairLosses.focal(alpha, gamma), x, target);
  }

  /**
   * The mean over rows of {@code Σ target·(log target − x)}: how far the distribution eˣ is from
   * the target. x are logarithms of probabilities, as {@link #logSoftmax} gives; target·log target
   * is 0 for 0. Equal shapes (…, classes).
   *
   * @param target probabilities
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      scalar = true,
      shape = "x(rows...), target(rows...) -> ()")
  public static Tensor klDivergence(Tensor x, Tensor target) {
    return PairLosses.loss("klDivergence", PairLosses.of(PairLoss.Function.KL), x, target);
  }

  /**
   * The cosine of the angle between rows: {@code a·b / (max(|a|, epsilon)·max(|b|, epsilon))}.
   * Shapes: a and b (…, features), result (…), FP32.
   *
   * @param epsilon the least length, against division by 0; PyTorch's default is 1e-8
   */
  @Op(
      value = DENY,
      gradients = LossGradients.class,
      shape = "a(rows..., n), b(rows..., n) -> (rows...)",
      range = "-1..1")
  public static Tensor cosineSimilarity(Tensor a, Tensor b, float epsilon) {
    return ClassLosses.cosine(a, b, epsilon);
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

  /**
   * Connectionist temporal classification: the mean over the batch of {@code −log P(target) /
   * length}, where P sums over all paths that spell the target once repeats, then blanks, are taken
   * out. Softmax is part of it; logarithms of probabilities may be given, too. Shapes: logits
   * (time, batch, classes), class 0 being the blank; targets (batch, labels), INT32. +Inf where a
   * target does not fit its time; a label outside 1 to classes − 1 gives NaN, and so does an empty
   * batch.
   *
   * @param targets not differentiable
   * @see <a href="https://www.cs.toronto.edu/~graves/icml_2006.pdf">Graves et al., Connectionist
   *     Temporal Classification</a>
   */
  @Op(
      value = DENY,
      gradients = CtcGradients.class,
      scalar = true,
      shape = "logits(time, batch, classes), targets(batch, labels) -> ()")
  public static Tensor ctcLoss(Tensor logits, Tensor targets) {
    return Ctc.loss(logits, new Ctc.Targets(targets, null, null));
  }

  /**
   * The same of sequences and targets of unequal lengths.
   *
   * @param times (batch), INT32: steps of each sequence
   * @param lengths (batch), INT32: labels of each target
   */
  @Op(
      value = DENY,
      gradients = CtcGradients.class,
      scalar = true,
      shape =
          "logits(time, batch, classes), targets(batch, labels), times(batch),"
              + " lengths(batch) -> ()")
  public static Tensor ctcLoss(Tensor logits, Tensor targets, Tensor times, Tensor lengths) {
    return Ctc.loss(logits, new Ctc.Targets(targets, times, lengths));
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

  /** {@link #reshape(Tensor, int...)} of the gradients so far, given up. */
  public static GradientSum reshape(GradientSum sum, int... dims) {
    return sum.viewed(x -> reshape(x, dims));
  }

  /**
   * {@code x} itself, which backward takes for a constant: nothing that was computed to make it
   * gets a gradient from here. With it a straight-through estimator is {@code add(x,
   * stopGradient(subtract(quantized(x), x)))}. A view, in the precision of {@code x}.
   */
  @Op(value = FOLLOW, view = true, shape = "x(...) -> (...)", range = "x")
  public static Tensor stopGradient(Tensor x) {
    return x.retain();
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

  /** {@link #transpose(Tensor)} of the gradients so far, given up. */
  public static GradientSum transpose(GradientSum sum) {
    return sum.viewed(Views::transpose);
  }

  /**
   * {@code x} as {@code dtype}, rounded to nearest, ties to even; {@code x} itself, retained, where
   * it is that already, or is INT32: indices are not to be rounded. The compiler writes casts: in a
   * layer none is needed. Its gradient is the cast back.
   */
  public static Tensor cast(Tensor x, DType dtype) {
    return Elementwise.cast(x, dtype);
  }
}
