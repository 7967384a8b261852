package dev.mezzo.backend.cuda;

import dev.mezzo.backend.ClassTargets;
import dev.mezzo.backend.LossKernels;
import dev.mezzo.backend.Operand;
import dev.mezzo.backend.PairLoss;

/** Starts the kernels of {@code pairs.cu}, and those of {@code losses.cu} that weigh classes. */
final class MoreLosses implements LossKernels {

  private final Kernels kernels;
  private final Losses losses;

  MoreLosses(Kernels kernels, Losses losses) {
    this.kernels = kernels;
    this.losses = losses;
  }

  @Override
  public void pairs(PairLoss function, Operand x, Operand target, Operand loss, double factor) {
    long size = x.size();
    long threads = Math.max(1, size); // of nothing it is 0
    Arguments.ByValue f = struct(function);
    kernels.each("pairs", threads, x, target, loss, size, f, factor, kernels.parts());
  }

  @Override
  public void pairsGradient(
      PairLoss function,
      Operand dLoss,
      Operand x,
      Operand target,
      Operand dx,
      double factor,
      boolean byTarget) {
    long size = dx.size();
    Arguments.ByValue f = struct(function);
    int side = byTarget ? 1 : 0;
    kernels.each("pairsGradient", size, dLoss, x, target, dx, size, f, factor, side);
  }

  @Override
  public void crossEntropy(Operand logits, ClassTargets targets, Operand loss) {
    losses.crossEntropy(logits, targets, loss);
  }

  @Override
  public void crossEntropyGradient(
      Operand dLoss, Operand logits, ClassTargets targets, Operand dLogits) {
    losses.crossEntropyGradient(dLoss, logits, targets, dLogits);
  }

  @Override
  public void cosine(Operand a, Operand b, Operand y, int rows, int cols, float epsilon) {
    kernels.warps("cosine", rows, a, b, y, (long) rows, (long) cols, epsilon);
  }

  @Override
  public void cosineGradient(
      Operand dy, Operand a, Operand b, Operand da, int rows, int cols, float epsilon) {
    kernels.warps("cosineGradient", rows, dy, a, b, da, (long) rows, (long) cols, epsilon);
  }

  /** The struct {@code PairLoss}. */
  private static Arguments.ByValue struct(PairLoss f) {
    return new Struct().add(Codes.of(f.function())).add(f.a()).add(f.b()).value();
  }
}
