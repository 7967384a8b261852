package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Optional;

/**
 * What stands at a loop's head in the generated code.
 *
 * @param inputs what the head reads: both bounds of a range, the elements, the condition; of what
 *     backward does not need, nothing
 * @param passes the variable that counts the passes in forward, and says how many there were in
 *     backward, where the head does not tell
 * @param stop forward: the plain variable that ends the loop
 * @param reversed whether the passes go backwards; then {@code pass} is the name of their index
 *     where the user has none
 */
public record LoopHeader(
    LoopHead head,
    List<Input> inputs,
    Optional<Value> passes,
    Optional<String> stop,
    boolean reversed,
    String pass) {

  /** Backward: whether the passes have what the head gave them. */
  public boolean recovers() {
    return !inputs.isEmpty();
  }
}
