package dev.mezzo;

import dev.mezzo.types.DType;
import org.jspecify.annotations.Nullable;

/** The micro-batches whose gradients wait for a step, and the sum of their losses. */
final class MicroBatches {

  private int count;
  private @Nullable Tensor losses;

  /** How many there are. */
  int count() {
    return count;
  }

  /**
   * How many there are, as the next one begins: they are taken over by it. Were it to end with an
   * exception there would be none, as gradients would be half of it.
   */
  int begin() {
    int before = count;
    count = 0;
    return before;
  }

  /** One more, after those that were there before. The loss is borrowed. */
  void add(Tensor loss, int before) {
    Tensor sum = sum(loss, before);
    drop();
    losses = sum;
    count = before + 1;
  }

  /** The mean of a loss and those before, which the caller owns. */
  Tensor mean(Tensor loss, int before) {
    if (before == 0) {
      return loss.retain();
    }
    try (Tensor sum = sum(loss, before)) {
      drop();
      return Ops.scale(sum, 1f / (before + 1));
    }
  }

  private Tensor sum(Tensor loss, int before) {
    Tensor wide = Ops.cast(loss, DType.FP32);
    if (before == 0 || losses == null) {
      return wide;
    }
    try (wide) {
      return Ops.add(losses, wide);
    }
  }

  void drop() {
    count = 0;
    if (losses != null) {
      losses.close();
      losses = null;
    }
  }
}
