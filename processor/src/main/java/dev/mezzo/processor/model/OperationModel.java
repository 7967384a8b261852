package dev.mezzo.processor.model;

import dev.mezzo.annotations.PrecisionClass;
import java.util.List;
import java.util.Optional;

/**
 * An operation, as its annotations declare it.
 *
 * @param owner the class of the method
 * @param name the method's name
 * @param operands its parameters
 * @param result what it returns
 * @param view whether the result shares the first operand's memory
 * @param viewsSums whether it has an overload for the sum of gradients in place of that operand
 * @param scalar whether the result is a scalar, whatever the operands' shapes
 * @param taped whether generated code calls the overload with a tape in front
 * @param finishes whether it has an overload with a finish in front, which applies element-wise
 *     operations to its result before that is rounded
 * @param gradients one for each differentiable operand
 * @param rules what it says of its results
 */
public record OperationModel(
    ClassName owner,
    String name,
    PrecisionClass precision,
    List<Operand> operands,
    OperationResult result,
    boolean view,
    boolean viewsSums,
    boolean scalar,
    boolean taped,
    boolean finishes,
    List<GradientModel> gradients,
    OperationRules rules) {

  /**
   * A parameter of the method.
   *
   * @param tensor whether it is a tensor, or an array of them; else plain Java
   * @param type its qualified type, as in {@code float} or {@code int[]}
   */
  public record Operand(String name, boolean tensor, String type) {
    /** Whether it is an array of tensors. */
    public boolean several() {
      return tensor && type.endsWith("[]");
    }
  }

  /** Whether the result is an array or a record of tensors. */
  public boolean several() {
    return !(result instanceof OperationResult.OfTensor);
  }

  /** The rule of the operand, if it is differentiable. */
  public Optional<GradientModel> gradient(String operand) {
    for (GradientModel gradient : gradients) {
      if (gradient.operand().equals(operand)) {
        return Optional.of(gradient);
      }
    }
    return Optional.empty();
  }

  /**
   * Of the name alone: nodes of programs are kept in sets, and all rules would be hashed for each.
   */
  @Override
  public int hashCode() {
    return 31 * owner.hashCode() + name.hashCode();
  }
}
