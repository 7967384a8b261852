package dev.mezzo;

import static java.util.Objects.requireNonNull;

import dev.mezzo.types.Convolution;
import dev.mezzo.types.DType;
import dev.mezzo.types.Pooling;
import dev.mezzo.types.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The gradients of the operations on images. */
final class ImageGradientCases {

  private static final Convolution PLAIN = Convolution.of();

  private ImageGradientCases() {}

  static void add(List<GradientCase> cases) {
    convolution(cases, Shape.of(2, 4, 3, 2), Shape.of(3, 2, 2, 2), PLAIN);
    convolution(cases, Shape.of(1, 5, 4, 2), Shape.of(2, 3, 1, 2), PLAIN.withPadding(1, 0));
    convolution(
        cases, Shape.of(1, 5, 6, 4), Shape.of(4, 2, 2, 2), PLAIN.withStride(2).withGroups(2));
    convolution(
        cases, Shape.of(1, 5, 5, 3), Shape.of(3, 2, 2, 1), PLAIN.withDilation(2).withGroups(3));
    convolution(cases, Shape.of(2, 3, 3, 4), Shape.of(5, 1, 1, 4), PLAIN);
    sequence(cases, PLAIN);
    sequence(cases, PLAIN.withStride(2).withPadding(1));
    transposed(cases, Shape.of(1, 3, 2, 2), Shape.of(2, 2, 2, 3), PLAIN.withStride(2));
    transposed(cases, Shape.of(2, 2, 3, 3), Shape.of(3, 3, 1, 1), PLAIN.withPadding(1, 0));
    poolings(cases);
    norms(cases);
  }

  private static void convolution(
      List<GradientCase> cases, Shape x, Shape weight, Convolution geometry) {
    Shape[] operands = {x, weight, Shape.of(weight.dim(0))};
    GradientCheck.Forward forward = o -> Ops.conv2d(o[0], o[1], o[2], geometry);
    GradientCase.add(
        cases,
        "conv2dGradientX",
        forward,
        0,
        (dy, y, o) -> ConvolutionGradients.conv2dGradientX(dy, o[1], o[0].layout(), geometry),
        operands);
    GradientCase.add(
        cases,
        "conv2dGradientWeight",
        forward,
        1,
        (dy, y, o) -> ConvolutionGradients.conv2dGradientWeight(dy, o[0], o[1].layout(), geometry),
        operands);
    GradientCase.add(
        cases,
        "conv2dGradientBias",
        forward,
        2,
        (dy, y, o) -> ConvolutionGradients.conv2dGradientBias(dy, o[2].layout()),
        operands);
  }

  private static void sequence(List<GradientCase> cases, Convolution geometry) {
    Shape[] operands = {Shape.of(2, 7, 2), Shape.of(3, 3, 2), Shape.of(3)};
    GradientCheck.Forward forward = o -> Ops.conv1d(o[0], o[1], o[2], geometry);
    GradientCase.add(
        cases,
        "conv1dGradientX",
        forward,
        0,
        (dy, y, o) -> ConvolutionGradients.conv1dGradientX(dy, o[1], o[0].layout(), geometry),
        operands);
    GradientCase.add(
        cases,
        "conv1dGradientWeight",
        forward,
        1,
        (dy, y, o) -> ConvolutionGradients.conv1dGradientWeight(dy, o[0], o[1].layout(), geometry),
        operands);
    GradientCase.add(
        cases,
        "conv1dGradientBias",
        forward,
        2,
        (dy, y, o) -> ConvolutionGradients.conv1dGradientBias(dy, o[2].layout()),
        operands);
  }

  private static void transposed(
      List<GradientCase> cases, Shape x, Shape weight, Convolution geometry) {
    Shape[] operands = {x, weight, Shape.of(weight.dim(3) * geometry.groups())};
    GradientCheck.Forward forward = o -> Ops.convTranspose2d(o[0], o[1], o[2], geometry);
    GradientCase.add(
        cases,
        "convTranspose2dGradientX",
        forward,
        0,
        (dy, y, o) -> ConvolutionGradients.convTranspose2dGradientX(dy, o[1], geometry),
        operands);
    GradientCase.add(
        cases,
        "convTranspose2dGradientWeight",
        forward,
        1,
        (dy, y, o) ->
            ConvolutionGradients.convTranspose2dGradientWeight(dy, o[0], o[1].layout(), geometry),
        operands);
    GradientCase.add(
        cases,
        "convTranspose2dGradientBias",
        forward,
        2,
        (dy, y, o) -> ConvolutionGradients.convTranspose2dGradientBias(dy, o[2].layout()),
        operands);
  }

  private static void poolings(List<GradientCase> cases) {
    Shape x = Shape.of(2, 4, 4, 2);
    for (Pooling window : List.of(Pooling.of(2), Pooling.of(3).withStride(2).withPadding(1))) {
      GradientCase.add(
          cases,
          "maxPool2dGradient",
          o -> apart(o[0], far -> Ops.maxPool2d(far, window)),
          0,
          (dy, y, o) -> apart(o[0], far -> PoolingGradients.maxPool2dGradient(dy, far, window)),
          x);
      GradientCase.add(
          cases,
          "averagePool2dGradient",
          o -> Ops.averagePool2d(o[0], window),
          0,
          (dy, y, o) -> PoolingGradients.averagePool2dGradient(dy, o[0].layout(), window),
          x);
    }
    GradientCase.add(
        cases,
        "globalAveragePoolGradient",
        o -> Ops.globalAveragePool(o[0]),
        0,
        (dy, y, o) -> PoolingGradients.globalAveragePoolGradient(dy, o[0].layout()),
        x);
  }

  /** With elements that are further apart than differences reach. */
  private static Tensor apart(Tensor x, UnaryOperator<Tensor> body) {
    float[] offsets = new float[(int) x.shape().size()];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i * 29 % 64 * 4;
    }
    try (Tensor full = Tensor.allocate(x.device(), x.shape(), DType.FP32).copyFrom(offsets);
        Tensor offset = Ops.cast(full, x.dtype());
        Tensor far = Ops.add(x, offset)) {
      return body.apply(far);
    }
  }

  private static void norms(List<GradientCase> cases) {
    Shape[] operands = {Shape.of(2, 3, 2, 4), Shape.of(4), Shape.of(4)};
    for (int wrt = 0; wrt < 3; wrt++) {
      int operand = wrt;
      GradientCase.add(
          cases,
          "batchNormGradient",
          o -> {
            Tape tape = Tape.forTraining();
            Tensor y = batchNorm(tape, o);
            tape.clear();
            return y;
          },
          wrt,
          (dy, y, o) -> {
            Tape tape = Tape.forTraining();
            batchNorm(tape, o).close();
            return only(
                operand, ChannelNormGradients.batchNormGradient(tape, dy, o[0], o[1], true));
          },
          operands);
      GradientCase.add(
          cases,
          "groupNormGradient",
          o -> Ops.groupNorm(o[0], o[1], o[2], 2, 1e-3f),
          wrt,
          (dy, y, o) -> {
            Tape tape = Tape.forTraining();
            Ops.groupNorm(tape, o[0], o[1], o[2], 2, 1e-3f).close();
            return only(
                operand, ChannelNormGradients.groupNormGradient(tape, dy, o[0], o[1], 2, true));
          },
          operands);
    }
  }

  /** With running statistics that nobody reads. */
  private static Tensor batchNorm(Tape tape, Tensor[] o) {
    State mean = State.of(o[1]);
    State variance = State.of(o[1]);
    Tensor y = Ops.batchNorm(tape, o[0], o[1], o[2], mean, variance, 0.1f, 1e-3f);
    mean.values().close();
    variance.values().close();
    return y;
  }

  private static Tensor only(int index, @Nullable Tensor[] gradients) {
    for (int i = 0; i < gradients.length; i++) {
      if (i != index) {
        requireNonNull(gradients[i]).close();
      }
    }
    return requireNonNull(gradients[index]);
  }
}
