package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.SourcePosition;
import java.util.List;
import java.util.Optional;

/**
 * What the plan says of a tensor of a function.
 *
 * @param function where it is
 * @param position of the call that makes it; of an input, of the function
 * @param operation what makes it: an operation, {@code hidden.forward}, {@code cast}, {@code input}
 * @param operands the tensors that it is made from
 * @param reason why it has its precision
 * @param readers the gradients for which it is saved; none: it is not saved
 * @param loop the line of the innermost loop around it: there is one in each pass
 * @param expression the constant that computes it, of an expression in one pass
 * @param fused the expression that it is only a part of: it is never in memory
 * @param shared whether it is saved, but another saved value holds the same memory already
 */
public record ValuePlan(
    String function,
    String name,
    SourcePosition position,
    String operation,
    List<Row.Operand> operands,
    Precision precision,
    String reason,
    List<Saved.Reader> readers,
    boolean shared,
    Optional<Integer> loop,
    Optional<String> expression,
    Optional<String> fused) {

  /** Whether it stays for backward. */
  public boolean saved() {
    return !readers.isEmpty();
  }

  /** Whether the plan has inserted it. */
  public boolean cast() {
    return operation.equals("cast");
  }
}
