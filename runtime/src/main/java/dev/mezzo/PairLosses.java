package dev.mezzo;

import dev.mezzo.backend.PairLoss;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;

/** Losses of elements and their targets: an FP32 scalar of float operands of any type. */
final class PairLosses {

  private PairLosses() {}

  static PairLoss of(PairLoss.Function function) {
    return new PairLoss(function, 0, 0);
  }

  static PairLoss smoothL1(float beta) {
    if (!(beta >= 0)) {
      throw new IllegalArgumentException("smoothL1: beta must be at least 0, but is " + beta);
    }
    return new PairLoss(PairLoss.Function.SMOOTH_L1, beta, 0);
  }

  static PairLoss focal(float alpha, float gamma) {
    if (!(alpha >= 0 && alpha <= 1 && gamma >= 0)) {
      throw new IllegalArgumentException(
          "focalLoss: alpha must be in [0, 1] and gamma at least 0, but are %s and %s"
              .formatted(alpha, gamma));
    }
    return new PairLoss(PairLoss.Function.FOCAL, alpha, gamma);
  }

  /** The mean over elements, or, of KL, rows. */
  static Tensor loss(String operation, PairLoss function, Tensor x, Tensor target) {
    double share = share(operation, function, x);
    Checks.isFloat(operation, x, target);
    Checks.sameShape(operation, x, target);
    Tensor loss = Tensor.allocate(x.device(), Shape.of(), DType.FP32);
    try (Tensor values = x.contiguous();
        Tensor targets = target.contiguous()) {
      x.device()
          .backend()
          .losses()
          .pairs(function, values.operand(), targets.operand(), loss.operand(), share);
    }
    return loss;
  }

  static Tensor gradientX(
      String operation, PairLoss function, Tensor dLoss, Tensor x, Tensor target) {
    return gradient(operation + "GradientX", function, dLoss, x, target, false);
  }

  static Tensor gradientTarget(
      String operation, PairLoss function, Tensor dLoss, Tensor x, Tensor target) {
    return gradient(operation + "GradientTarget", function, dLoss, x, target, true);
  }

  private static Tensor gradient(
      String operation,
      PairLoss function,
      Tensor dLoss,
      Tensor x,
      Tensor target,
      boolean byTarget) {
    double share = share(operation, function, x);
    Checks.isFloat(operation, dLoss, x, target);
    Checks.sameShape(operation, x, target);
    Losses.checkScalar(operation, dLoss);
    DType dtype = byTarget ? target.dtype() : x.dtype();
    Tensor dx = Tensor.allocate(x.device(), x.shape(), dtype);
    try (Tensor values = x.contiguous();
        Tensor targets = target.contiguous()) {
      x.device()
          .backend()
          .losses()
          .pairsGradient(
              function,
              dLoss.stored(),
              values.operand(),
              targets.operand(),
              dx.operand(),
              share,
              byTarget);
    }
    return dx;
  }

  /** Of one element, or, of KL, one row. */
  private static double share(String operation, PairLoss function, Tensor x) {
    if (function.function() != PairLoss.Function.KL) {
      return 1.0 / x.shape().size();
    }
    Checks.rankAtLeast(operation, 1, x);
    return 1.0 / Reductions.rows(operation, x.shape());
  }
}
