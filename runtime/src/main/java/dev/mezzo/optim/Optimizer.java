package dev.mezzo.optim;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.StepControl;
import java.util.List;

/**
 * How a weight follows its gradient. An immutable rule: all state is in the {@link UpdateOperands}
 * and the {@link StepControl}, so that one optimizer may serve many trainings.
 */
public sealed interface Optimizer permits Sgd, AdamW {

  /** The learning rate. */
  Schedule schedule();

  /** What the FP32 arrays of a weight's size are called that the rule keeps for it, in order. */
  List<String> state();

  /**
   * Updates one weight in one pass over its data: unscale, clip, update the master, write the
   * shadow. Writes nothing where {@code control.overflow} is set.
   */
  void update(Backend backend, StepControl control, UpdateOperands weight);
}
