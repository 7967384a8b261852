package dev.mezzo.optim;

import dev.mezzo.backend.Operand;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One weight's memory during an update.
 *
 * @param gradient scaled, any float type
 * @param master the weight that is updated: FP32, or a 16-bit type where there is no master copy
 * @param shadow 16-bit copy of the master, rewritten; null for none
 * @param state as many FP32 arrays of the weight's size as {@link Optimizer#state} says, zero
 *     before the first step
 */
public record UpdateOperands(
    Operand gradient, Operand master, @Nullable Operand shadow, List<Operand> state) {

  /** Copies the list. */
  public UpdateOperands {
    state = List.copyOf(state);
  }
}
