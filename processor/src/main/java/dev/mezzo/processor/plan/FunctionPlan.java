package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A function as it is generated.
 *
 * @param tape the name of the tape in it
 * @param finish the name of what it is given to do to its result, where it takes that
 * @param locals the names of the user's variables, which hide fields
 * @param backward absent where no gradient flows through it
 */
public record FunctionPlan(
    FunctionModel source,
    String tape,
    Optional<String> finish,
    Set<String> locals,
    List<Step> forward,
    Optional<Backward> backward) {

  /**
   * Its backward.
   *
   * @param dy the gradient of the result
   * @param flags the names of the flags that say which gradients are wanted
   * @param returned the inputs whose gradients it returns, in order
   */
  public record Backward(Value dy, List<Flag> flags, List<Value> returned, List<Step> steps) {}

  /** {@code wantDx}. */
  public record Flag(Value input, String name) {}
}
