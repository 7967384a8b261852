package dev.mezzo.backend.cuda;

import dev.mezzo.backend.ClassTargets;
import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Starts the kernels of {@code losses.cu}. */
final class Losses {

  /** A label that no INT32 is. */
  private static final long NO_LABEL = Long.MIN_VALUE;

  private final Kernels kernels;

  Losses(Kernels kernels) {
    this.kernels = kernels;
  }

  void crossEntropy(Operand logits, Operand labels, Operand loss, int rows, int cols) {
    crossEntropy(logits, plain(labels, rows, cols), NO_LABEL, loss);
  }

  void crossEntropy(Operand logits, ClassTargets targets, Operand loss) {
    crossEntropy(logits, targets, targets.ignored(), loss);
  }

  private void crossEntropy(Operand logits, ClassTargets t, long ignored, Operand loss) {
    int rows = Math.max(1, t.rows()); // no rows: NaN is written all the same
    kernels.rows("crossEntropy", rows, t.cols(), logits, struct(t, ignored), loss, kernels.parts());
  }

  /** Where each row is one of all, also those whose labels are out of range. */
  void crossEntropyGradient(
      Operand dLoss, Operand logits, Operand labels, Operand dLogits, int rows, int cols) {
    crossEntropyGradient(dLoss, logits, plain(labels, rows, cols), NO_LABEL, null, dLogits);
  }

  void crossEntropyGradient(Operand dLoss, Operand logits, ClassTargets targets, Operand dLogits) {
    long sums = 2L * Double.BYTES;
    MemorySegment memory = kernels.workspace(sums + kernels.partsBytes());
    long[] parts = kernels.parts(memory.asSlice(sums));
    int most = Math.max(targets.rows(), targets.cols());
    kernels.each("targetWeights", most, struct(targets, targets.ignored()), memory, parts);
    crossEntropyGradient(dLoss, logits, targets, targets.ignored(), memory, dLogits);
  }

  private void crossEntropyGradient(
      Operand dLoss,
      Operand logits,
      ClassTargets t,
      long ignored,
      @Nullable MemorySegment weights,
      Operand dLogits) {
    Arguments.ByValue targets = struct(t, ignored);
    long sums = weights == null ? 0 : weights.address();
    kernels.rows("crossEntropyGradient", t.rows(), t.cols(), dLoss, logits, targets, sums, dLogits);
  }

  void meanSquaredError(Operand x, Operand target, Operand loss) {
    long size = x.size();
    long threads = Math.max(1, size); // of nothing it is NaN
    kernels.eights("squaredError", threads, x, target, loss, size, 1.0 / size, kernels.parts());
  }

  void meanSquaredErrorGradient(Operand dLoss, Operand x, Operand target, Operand dx) {
    long size = x.size();
    kernels.eights("squaredErrorGradient", size, dLoss, x, target, dx, size, 1.0 / size);
  }

  private static ClassTargets plain(Operand labels, int rows, int cols) {
    return new ClassTargets(labels, null, null, 0, 0, rows, cols);
  }

  /** The struct {@code Targets}. */
  private static Arguments.ByValue struct(ClassTargets t, long ignored) {
    return new Struct()
        .add(t.labels())
        .add(t.classWeights())
        .add(t.rowWeights())
        .add(ignored)
        .add((long) t.rows())
        .add((long) t.cols())
        .add((double) t.smoothing())
        .value();
  }
}
