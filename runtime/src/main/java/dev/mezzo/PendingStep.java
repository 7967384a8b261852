package dev.mezzo;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step that was started and may not be over: on a GPU the host goes on meanwhile. Reading the
 * result of the step before, after each start, keeps the GPU busy and is one step late:
 *
 * <pre>{@code
 * PendingStep before = null;
 * for (Batch batch : batches) {
 *   PendingStep started = training.start(batch.images(), batch.labels());
 *   if (before != null) {
 *     show(before.result());
 *   }
 *   before = started;
 * }
 * }</pre>
 *
 * <p>For the thread of its training.
 */
public final class PendingStep {

  private final Training training;
  private final List<TrainedParameter> reached;
  private @Nullable Tensor copy;
  private @Nullable StepResult result;

  PendingStep(Training training, List<TrainedParameter> reached) {
    this.training = training;
    this.reached = List.copyOf(reached); // the next step makes it another
  }

  /**
   * What became of the step; waits until it is over, once. Where it was skipped, its overflow has
   * no origin: that is looked for by running the step again, which is for {@code step} to do.
   *
   * @throws TrainingStoppedException if it is the last of {@link TrainingBuilder#maxSkips} skipped
   *     steps in a row
   */
  public StepResult result() {
    training.read(this, null);
    StepResult read = result;
    if (read == null) {
      throw new IllegalStateException("the step's training was closed as its device failed");
    }
    return training.checkGoesOn(read);
  }

  /** Weights with a gradient, in the order of their flags. */
  List<TrainedParameter> reached() {
    return reached;
  }

  boolean isRead() {
    return result != null;
  }

  /** Where its outcome is; null while it is the training's last step. */
  @Nullable Tensor copy() {
    return copy;
  }

  /** Keeps a copy of the outcome, and owns it. */
  void keep(Tensor copy) {
    this.copy = copy;
  }

  void read(StepResult result) {
    this.result = result;
    drop();
  }

  /** Gives up the copy. */
  void drop() {
    if (copy != null) {
      copy.close();
      copy = null;
    }
  }
}
