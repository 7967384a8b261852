package dev.mezzo;

import static java.util.Objects.requireNonNull;

import dev.mezzo.GradientSum.Target;
import dev.mezzo.backend.ChannelNormKernels;
import dev.mezzo.backend.NormShape;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import org.jspecify.annotations.Nullable;

/** Batch and group norm and the kernels' calls behind them. */
final class ChannelNorms {

  private ChannelNorms() {}

  static Tensor batchNorm(
      Finish finish,
      Tape tape,
      Tensor x,
      Tensor weight,
      Tensor bias,
      State mean,
      State variance,
      float momentum,
      float epsilon) {
    String operation = "batchNorm";
    NormShape shape = batchShape(operation, x, epsilon);
    check(operation, shape, x, weight, bias);
    if (!mean.shape().equals(weight.shape()) || !variance.shape().equals(weight.shape())) {
      throw new ShapeException(
          "%s: running mean %s and variance %s must be (%d), as the weight"
              .formatted(operation, mean.shape(), variance.shape(), shape.channels()));
    }
    ChannelNormKernels kernels = kernels(x);
    Operand runningMean = mean.values().operand();
    Operand runningVariance = variance.values().operand();
    try (Tensor moments = moments(x, shape);
        Tensor in = x.contiguous()) {
      if (tape.training()) {
        kernels.moments(shape, in.operand(), moments.operand());
        if (tape.movesStates()) {
          kernels.follow(shape, moments.operand(), momentum, runningMean, runningVariance);
        }
        tape.save(moments);
      } else {
        kernels.standing(shape, runningMean, runningVariance, moments.operand());
      }
      return normalize(finish, shape, in, moments, weight, bias);
    }
  }

  static Tensor groupNorm(
      Finish finish, Tape tape, Tensor x, Tensor weight, Tensor bias, int groups, float epsilon) {
    NormShape shape = groupShape("groupNorm", x, groups, epsilon);
    check("groupNorm", shape, x, weight, bias);
    try (Tensor moments = moments(x, shape);
        Tensor in = x.contiguous()) {
      kernels(x).moments(shape, in.operand(), moments.operand());
      tape.save(moments);
      return normalize(finish, shape, in, moments, weight, bias);
    }
  }

  static @Nullable Tensor[] batchNormGradient(
      Tensor dy, Tensor x, Tensor weight, Tensor moments, LayerNorms.Sums sums) {
    NormShape shape = batchShape("batchNormGradient", x, 0);
    return gradient("batchNormGradient", shape, dy, x, weight, moments, sums);
  }

  static @Nullable Tensor[] groupNormGradient(
      Tensor dy, Tensor x, Tensor weight, int groups, Tensor moments, LayerNorms.Sums sums) {
    NormShape shape = groupShape("groupNormGradient", x, groups, 0);
    return gradient("groupNormGradient", shape, dy, x, weight, moments, sums);
  }

  private static @Nullable Tensor[] gradient(
      String operation,
      NormShape shape,
      Tensor dy,
      Tensor x,
      Tensor weight,
      Tensor moments,
      LayerNorms.Sums sums) {
    Checks.isFloat(operation, dy, x, weight);
    Checks.sameShape(operation, dy, x);
    Layout channels = new Layout(weight.shape(), weight.dtype(), false);
    Target dx =
        sums.x() == null
            ? null
            : sums.x().target(x.device(), new Layout(x.shape(), x.dtype(), false));
    Target dWeight = sums.weight().target(x.device(), channels);
    Target dBias = requireNonNull(sums.bias()).target(x.device(), channels);
    try (Tensor from = dy.contiguous();
        Tensor in = x.contiguous()) {
      kernels(x)
          .gradient(
              shape,
              from.operand(),
              in.operand(),
              moments.operand(),
              weight.operand(),
              new ChannelNormKernels.Gradients(
                  dx == null ? null : dx.operand(), dWeight.operand(), dBias.operand()));
    }
    Tensor ofX = dx == null ? null : dx.sum();
    return new @Nullable Tensor[] {ofX, dWeight.sum(), dBias.sum()};
  }

  private static Tensor normalize(
      Finish finish, NormShape shape, Tensor x, Tensor moments, Tensor weight, Tensor bias) {
    return Finish.of(
        finish,
        x.device(),
        x.shape(),
        x.dtype(),
        (y, tail) ->
            kernels(x)
                .normalize(
                    shape,
                    x.operand(),
                    moments.operand(),
                    new ChannelNormKernels.Channels(weight.operand(), bias.operand(), tail),
                    y.operand()));
  }

  private static Tensor moments(Tensor x, NormShape shape) {
    Shape size = Shape.of(2, shape.images(), shape.groups());
    return Tensor.allocate(x.device(), size, DType.FP32);
  }

  private static NormShape batchShape(String operation, Tensor x, float epsilon) {
    Checks.rankAtLeast(operation, 2, x);
    int channels = x.shape().dim(-1);
    int pixels = Checks.count(operation, x.shape(), 0, x.shape().rank() - 1);
    return new NormShape(1, pixels, channels, channels, epsilon);
  }

  private static NormShape groupShape(String operation, Tensor x, int groups, float epsilon) {
    Checks.rankAtLeast(operation, 2, x);
    int channels = x.shape().dim(-1);
    if (groups < 1 || channels % groups != 0) {
      throw new ShapeException(
          "%s: the channels of x %s, its last dimension, do not divide into %d groups"
              .formatted(operation, x.shape(), groups));
    }
    int pixels = Checks.count(operation, x.shape(), 1, x.shape().rank() - 1);
    return new NormShape(x.shape().dim(0), pixels, channels, groups, epsilon);
  }

  private static void check(
      String operation, NormShape shape, Tensor x, Tensor weight, Tensor bias) {
    Checks.oneFloatType(operation, x, weight, bias);
    Shape channels = Shape.of(shape.channels());
    if (!weight.shape().equals(channels) || !bias.shape().equals(channels)) {
      throw new ShapeException(
          "%s: x %s, weight %s and bias %s: the latter must be (%d), x's last dimension"
              .formatted(operation, x.shape(), weight.shape(), bias.shape(), shape.channels()));
    }
  }

  private static ChannelNormKernels kernels(Tensor x) {
    return x.device().backend().channelNorms();
  }
}
