package dev.mezzo;

import dev.mezzo.backend.ClassTargets;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Cross entropy with smoothing, weights and ignored labels, and the similarity of rows. */
final class ClassLosses {

  /**
   * What logits are compared with.
   *
   * @param ignored rows of this label count for nothing
   */
  record Targets(
      Tensor labels,
      @Nullable Tensor classWeights,
      @Nullable Tensor rowWeights,
      float smoothing,
      int ignored) {}

  private ClassLosses() {}

  static Tensor crossEntropy(Tensor logits, Targets targets) {
    check(logits, targets);
    Tensor loss = Tensor.allocate(logits.device(), Shape.of(), DType.FP32);
    try (Tensor values = logits.contiguous()) {
      with(
          logits,
          targets,
          kernel ->
              logits
                  .device()
                  .backend()
                  .losses()
                  .crossEntropy(values.operand(), kernel, loss.operand()));
    }
    return loss;
  }

  static Tensor crossEntropyGradient(Tensor dLoss, Tensor logits, Targets targets) {
    check(logits, targets);
    Checks.isFloat("crossEntropyGradient", dLoss);
    Losses.checkScalar("crossEntropyGradient", dLoss);
    Tensor dLogits = Tensor.allocate(logits.device(), logits.shape(), logits.dtype());
    try (Tensor values = logits.contiguous()) {
      with(
          logits,
          targets,
          kernel ->
              logits
                  .device()
                  .backend()
                  .losses()
                  .crossEntropyGradient(
                      dLoss.stored(), values.operand(), kernel, dLogits.operand()));
    }
    return dLogits;
  }

  private static void with(Tensor logits, Targets targets, Consumer<ClassTargets> kernel) {
    try (Tensor labels = targets.labels.contiguous();
        Tensor classes = contiguous(targets.classWeights, labels);
        Tensor rows = contiguous(targets.rowWeights, labels)) {
      kernel.accept(
          new ClassTargets(
              labels.operand(),
              targets.classWeights == null ? null : classes.operand(),
              targets.rowWeights == null ? null : rows.operand(),
              targets.smoothing,
              targets.ignored,
              Reductions.rows("crossEntropy", logits.shape()),
              logits.shape().dim(-1)));
    }
  }

  /** Something to close in any case. */
  private static Tensor contiguous(@Nullable Tensor weights, Tensor otherwise) {
    return weights == null ? otherwise.retain() : weights.contiguous();
  }

  private static void check(Tensor logits, Targets targets) {
    Losses.check(logits, targets.labels);
    if (!(targets.smoothing >= 0 && targets.smoothing <= 1)) {
      throw new IllegalArgumentException(
          "crossEntropy: the smoothing must be in [0, 1], but is " + targets.smoothing);
    }
    if (targets.classWeights != null) {
      checkWeights(logits, targets.classWeights, Shape.of(logits.shape().dim(-1)), "class");
    }
    if (targets.rowWeights != null) {
      checkWeights(logits, targets.rowWeights, targets.labels.shape(), "token");
    }
  }

  private static void checkWeights(Tensor logits, Tensor weights, Shape expected, String one) {
    Checks.isFloat("crossEntropy", logits, weights);
    if (!weights.shape().equals(expected)) {
      throw new ShapeException(
          "crossEntropy: logits %s and weights %s; there must be one for each %s, %s"
              .formatted(logits.shape(), weights.shape(), one, expected));
    }
  }

  static Tensor cosine(Tensor a, Tensor b, float epsilon) {
    int rows = checkRows("cosineSimilarity", a, b);
    Shape shape = Reductions.without(a.shape(), a.shape().rank() - 1);
    Tensor y = Tensor.allocate(a.device(), shape, DType.FP32);
    try (Tensor left = a.contiguous();
        Tensor right = b.contiguous()) {
      a.device()
          .backend()
          .losses()
          .cosine(left.operand(), right.operand(), y.operand(), rows, a.shape().dim(-1), epsilon);
    }
    return y;
  }

  /** The gradient by a; that by b by exchanging the two. */
  static Tensor cosineGradient(Tensor dy, Tensor a, Tensor b, float epsilon) {
    int rows = checkRows("cosineSimilarityGradient", a, b);
    Checks.isFloat("cosineSimilarityGradient", dy);
    Shape shape = Reductions.without(a.shape(), a.shape().rank() - 1);
    if (!dy.shape().equals(shape)) {
      throw new ShapeException(
          "cosineSimilarityGradient: dy %s of operands %s must be %s"
              .formatted(dy.shape(), a.shape(), shape));
    }
    Tensor da = Tensor.allocate(a.device(), a.shape(), a.dtype());
    try (Tensor gradient = dy.contiguous();
        Tensor left = a.contiguous();
        Tensor right = b.contiguous()) {
      a.device()
          .backend()
          .losses()
          .cosineGradient(
              gradient.operand(),
              left.operand(),
              right.operand(),
              da.operand(),
              rows,
              a.shape().dim(-1),
              epsilon);
    }
    return da;
  }

  private static int checkRows(String operation, Tensor a, Tensor b) {
    Checks.isFloat(operation, a, b);
    Checks.sameShape(operation, a, b);
    Checks.rankAtLeast(operation, 1, a);
    return Reductions.rows(operation, a.shape());
  }
}
