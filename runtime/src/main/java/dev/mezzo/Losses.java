package dev.mezzo;

import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;

/** Losses: an FP32 scalar of float operands of any type. */
final class Losses {

  private Losses() {}

  static Tensor crossEntropy(Tensor logits, Tensor labels) {
    check(logits, labels);
    int cols = logits.shape().dim(-1);
    int rows = Reductions.rows("crossEntropy", logits.shape());
    Tensor loss = Tensor.allocate(logits.device(), Shape.of(), DType.FP32);
    try (Tensor values = logits.contiguous();
        Tensor classes = labels.contiguous()) {
      logits
          .device()
          .backend()
          .crossEntropy(values.operand(), classes.operand(), loss.operand(), rows, cols);
    }
    return loss;
  }

  static Tensor crossEntropyGradient(Tensor dLoss, Tensor logits, Tensor labels) {
    check(logits, labels);
    checkScalar("crossEntropyGradient", dLoss);
    int cols = logits.shape().dim(-1);
    int rows = Reductions.rows("crossEntropyGradient", logits.shape());
    Tensor dLogits = Tensor.allocate(logits.device(), logits.shape(), logits.dtype());
    try (Tensor values = logits.contiguous();
        Tensor classes = labels.contiguous()) {
      logits
          .device()
          .backend()
          .crossEntropyGradient(
              dLoss.stored(), values.operand(), classes.operand(), dLogits.operand(), rows, cols);
    }
    return dLogits;
  }

  static Tensor meanSquaredError(Tensor x, Tensor target) {
    Checks.isFloat("meanSquaredError", x, target);
    Checks.sameShape("meanSquaredError", x, target);
    Tensor loss = Tensor.allocate(x.device(), Shape.of(), DType.FP32);
    try (Tensor values = x.contiguous();
        Tensor targets = target.contiguous()) {
      x.device().backend().meanSquaredError(values.operand(), targets.operand(), loss.operand());
    }
    return loss;
  }

  /** The gradient of x; that of the target by exchanging the two. */
  static Tensor meanSquaredErrorGradient(Tensor dLoss, Tensor x, Tensor target) {
    Checks.isFloat("meanSquaredErrorGradient", dLoss, x, target);
    Checks.sameShape("meanSquaredErrorGradient", x, target);
    checkScalar("meanSquaredErrorGradient", dLoss);
    Tensor dx = Tensor.allocate(x.device(), x.shape(), x.dtype());
    try (Tensor values = x.contiguous();
        Tensor targets = target.contiguous()) {
      x.device()
          .backend()
          .meanSquaredErrorGradient(
              dLoss.stored(), values.operand(), targets.operand(), dx.operand());
    }
    return dx;
  }

  static void check(Tensor logits, Tensor labels) {
    Checks.isFloat("crossEntropy", logits);
    Checks.sameDevice("crossEntropy", logits, labels);
    if (labels.dtype() != DType.INT32) {
      throw new ShapeException(
          "crossEntropy: labels %s are %s, but must be INT32: the number of the class, not its probability"
              .formatted(labels.shape(), labels.dtype()));
    }
    int rank = logits.shape().rank();
    if (rank == 0 || !Reductions.without(logits.shape(), rank - 1).equals(labels.shape())) {
      throw new ShapeException(
          "crossEntropy: logits %s and labels %s: the labels must have the logits' dimensions without the last"
              .formatted(logits.shape(), labels.shape()));
    }
  }

  static void checkScalar(String operation, Tensor dLoss) {
    Checks.isFloat(operation, dLoss);
    if (dLoss.shape().size() != 1) {
      throw new ShapeException(operation + ": dy is " + dLoss.shape() + ", but must be a scalar");
    }
  }
}
