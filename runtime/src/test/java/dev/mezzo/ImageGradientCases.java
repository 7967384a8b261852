package dev.mezzo;

import dev.mezzo.types.Convolution;
import dev.mezzo.types.Shape;
import java.util.List;

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
}
