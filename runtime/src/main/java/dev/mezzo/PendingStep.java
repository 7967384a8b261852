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
  private final MicroBatches.Passes passes;
  private @Nullable Tensor copy;
  private @Nullable StepResult result;

  /**
   * @param passes all of the step, which this takes over: until another step begins, it can be run
   *     again
   */
  PendingStep(Training training, List<TrainedParameter> reached, MicroBatches.Passes passes) {
    this.training = training;
    this.reached = List.copyOf(reached); // the next step makes it another
    this.passes = passes;
  }

  /**
   * What became of the step; waits until it is over, once. Where it was skipped it is run again, to
   * find the overflow's origin, unless another step or micro-batch has begun meanwhile: weights and
   * loss scale may be others by then. The step's inputs are kept until then, and are to stay as
   * they are.
   *
   * @throws TrainingStoppedException if it is the last of {@link TrainingBuilder#maxSkips} skipped
   *     steps in a row
   */
  public StepResult result() {
    training.read(this);
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

  /** Keeps a copy of the outcome, and owns it: another step begins. */
  void keep(Tensor copy) {
    this.copy = copy;
    passes.close();
  }

  /** Forward and backward of the micro-batches before it, and of itself. */
  List<Training.Pass> passes() {
    return passes.all();
  }

  void read(StepResult result) {
    this.result = result;
    drop();
  }

  /** Gives up what it keeps. */
  void drop() {
    passes.close();
    if (copy != null) {
      copy.close();
      copy = null;
    }
  }
}
