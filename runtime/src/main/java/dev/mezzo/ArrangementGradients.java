package dev.mezzo;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.types.DType;
import dev.mezzo.types.Layout;
import dev.mezzo.types.ShapeException;
import java.util.Arrays;

/**
 * Gradients of operations that move elements: dy's elements, moved back. Each has its operand's
 * shape and element type; where elements are added, that is done in FP32 and rounded once.
 */
public final class ArrangementGradients {

  private ArrangementGradients() {}

  /** dy in the order of x. */
  @Gradient(of = "permute", wrt = "x")
  public static Tensor permuteGradient(Tensor dy, int[] axes) {
    return Arrangement.permute(dy, Arrangement.inverse(dy.shape(), axes));
  }

  /** dy in its place, 0 elsewhere. */
  @Gradient(of = "slice", wrt = "x")
  public static Tensor sliceGradient(Tensor dy, Layout x, int axis, int from) {
    int[] at = new int[x.shape().rank()];
    int along = x.shape().axis(axis);
    at[along] = from < 0 ? from + x.shape().dim(along) : from;
    return placed("sliceGradient", dy, x, at);
  }

  /** dy in its place, 0 elsewhere. */
  @Gradient(of = "crop", wrt = "x")
  public static Tensor cropGradient(Tensor dy, Layout x, int[] from) {
    int[] at = from.clone();
    for (int d = 0; d < at.length; d++) {
      at[d] = from[d] < 0 ? from[d] + x.shape().dim(d) : from[d];
    }
    return placed("cropGradient", dy, x, at);
  }

  /** dy without the border. */
  @Gradient(of = "pad", wrt = "x")
  public static Tensor padGradient(Tensor dy, Layout x, int[] before) {
    int[] to = before.clone();
    for (int d = 0; d < to.length; d++) {
      to[d] += x.shape().dim(d);
    }
    return Arrangement.crop("padGradient", dy, before, to);
  }

  /** The part of dy that a became. */
  @Gradient(of = "concat(a, b, axis)", wrt = "a")
  public static Tensor concatGradientA(Tensor dy, Layout a, int axis) {
    return Arrangement.slice(dy, axis, 0, a.shape().dim(axis));
  }

  /** The part of dy that b became. */
  @Gradient(of = "concat(a, b, axis)", wrt = "b")
  public static Tensor concatGradientB(Tensor dy, Layout b, int axis) {
    int length = dy.shape().dim(axis);
    int from = length - b.shape().dim(axis);
    if (from < 0) {
      throw new ShapeException(
          "concatGradientB: dy %s is shorter than b %s along axis %d"
              .formatted(dy.shape(), b.shape(), axis));
    }
    return Arrangement.slice(dy, axis, from, length);
  }

  /** The parts of dy that the tensors became, of {@link Ops#concat(int, Tensor...)}. */
  @Gradient(of = "concat(axis, parts)", wrt = "parts")
  public static Tensor[] concatGradients(Tensor dy, int axis, Layout[] parts) {
    int[] lengths = new int[parts.length];
    for (int i = 0; i < parts.length; i++) {
      lengths[i] = parts[i].shape().dim(axis);
    }
    return Arrangement.split(dy, axis, lengths);
  }

  /** The parts of dy that the tensors became, of {@link Ops#stack}. */
  @Gradient(of = "stack", wrt = "parts")
  public static Tensor[] stackGradients(Tensor dy, int axis) {
    return Arrangement.unstack(dy, axis);
  }

  /** The parts' gradients one after the other, of {@link Ops#split}. */
  @Gradient(of = "split", wrt = "x")
  public static Tensor splitGradient(Tensor[] dy, int axis) {
    return Arrangement.concat(axis, dy);
  }

  /** The parts' gradients side by side, of {@link Ops#unstack}. */
  @Gradient(of = "unstack", wrt = "x")
  public static Tensor unstackGradient(Tensor[] dy, int axis) {
    return Arrangement.stack(axis, dy);
  }

  /** Zeros, and each element of dy added where it came from. */
  @Gradient(of = "gather", wrt = "x")
  public static Tensor gatherGradient(Tensor dy, Tensor index, Layout x, int axis) {
    Checks.isDifferentiable("gatherGradient", x);
    Tensor sums = Tensor.zeros(dy.device(), x.shape(), DType.FP32);
    return Arrangement.scatterAdd("gatherGradient", sums, index, dy, axis, x.dtype());
  }

  /** dy. */
  @Gradient(of = "scatterAdd", wrt = "x")
  public static Tensor scatterAddGradientX(Tensor dy) {
    return dy.retain();
  }

  /** The elements of dy that each was added to. */
  @Gradient(of = "scatterAdd", wrt = "source")
  public static Tensor scatterAddGradientSource(Tensor dy, Tensor index, int axis) {
    return Arrangement.gather("scatterAddGradientSource", dy, index, axis);
  }

  /** The sum of dy from each element on, in the element type of x. */
  @Gradient(of = "cumulativeSum", wrt = "x")
  public static Tensor cumulativeSumGradient(Tensor dy, Layout x, int axis) {
    return Arrangement.cumulativeSum("cumulativeSumGradient", dy, axis, true, x.dtype());
  }

  private static Tensor placed(String operation, Tensor dy, Layout x, int[] at) {
    boolean fits = dy.shape().rank() == x.shape().rank() && at.length == dy.shape().rank();
    for (int d = 0; fits && d < at.length; d++) {
      fits = at[d] >= 0 && (long) at[d] + dy.shape().dim(d) <= x.shape().dim(d);
    }
    if (!fits) {
      throw new ShapeException(
          "%s: dy %s is no part of an operand %s at %s"
              .formatted(operation, dy.shape(), x.shape(), Arrays.toString(at)));
    }
    return Arrangement.placed(dy, x.shape(), at, 0);
  }
}
