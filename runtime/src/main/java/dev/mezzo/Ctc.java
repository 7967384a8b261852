package dev.mezzo;

import dev.mezzo.backend.CtcShape;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import org.jspecify.annotations.Nullable;

/** Connectionist temporal classification. */
final class Ctc {

  private Ctc() {}

  /** What belongs to the logits. Lengths are null where all are full. */
  record Targets(Tensor labels, @Nullable Tensor times, @Nullable Tensor lengths) {}

  static Tensor loss(Tensor logits, Targets targets) {
    Checks.isFloat("ctcLoss", logits);
    CtcShape shape = shape(logits.shape(), targets);
    Tensor loss = Tensor.allocate(logits.device(), Shape.of(), DType.FP32);
    try (Tensor values = logits.contiguous();
        Tensor labels = targets.labels.contiguous()) {
      logits
          .device()
          .backend()
          .ctc()
          .loss(shape, values.operand(), labels.operand(), loss.operand());
    }
    return loss;
  }

  static Tensor gradient(Tensor dy, Tensor logits, Targets targets) {
    Checks.isFloat("ctcLossGradient", dy, logits);
    CtcShape shape = shape(logits.shape(), targets);
    Tensor dLogits = Tensor.allocate(logits.device(), logits.shape(), logits.dtype());
    try (Tensor values = logits.contiguous();
        Tensor labels = targets.labels.contiguous()) {
      logits
          .device()
          .backend()
          .ctc()
          .gradient(shape, dy.stored(), values.operand(), labels.operand(), dLogits.operand());
    }
    return dLogits;
  }

  private static CtcShape shape(Shape logits, Targets targets) {
    Shape labels = targets.labels.shape();
    if (logits.rank() != 3
        || labels.rank() != 2
        || labels.dim(0) != logits.dim(1)
        || targets.labels.dtype() != DType.INT32) {
      throw new ShapeException(
          "ctcLoss: logits %s and targets %s %s: the logits must be (time, batch, classes), the targets (batch, labels) INT32"
              .formatted(logits, labels, targets.labels.dtype()));
    }
    int batch = logits.dim(1);
    return new CtcShape(
        logits.dim(0),
        batch,
        logits.dim(2),
        labels.dim(1),
        counts("times", targets.times, batch),
        counts("lengths", targets.lengths, batch));
  }

  private static @Nullable Operand counts(String name, @Nullable Tensor counts, int batch) {
    if (counts == null) {
      return null;
    }
    if (counts.dtype() != DType.INT32 || !counts.shape().equals(Shape.of(batch))) {
      throw new ShapeException(
          "ctcLoss: %s %s are %s, but must be (%d), one for each sequence, INT32"
              .formatted(name, counts.shape(), counts.dtype(), batch));
    }
    return counts.operand();
  }
}
