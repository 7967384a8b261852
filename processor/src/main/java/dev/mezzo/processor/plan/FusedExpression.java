package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.OperationModel;
import java.util.List;
import java.util.Optional;

/**
 * Element-wise operations that are one pass in the generated code. In the plan they are an
 * operation of their own, which this stands behind.
 *
 * @param constant its name: the field that holds it
 * @param formula {@code (gate, up) -> silu(gate) * up}
 * @param gradient the gradients of the operands, {@code (dy, gate, up) -> siluGradient(dy * up,
 *     gate), dy * silu(gate)}; empty where none is needed
 * @param members the operations, in order; the last one makes the result
 * @param finished the operation whose kernel computes it, on its own result before that is rounded;
 *     empty where it is a pass of its own
 */
record FusedExpression(
    String constant,
    Formula formula,
    Optional<Formula> gradient,
    List<Node> members,
    Optional<Node.Apply> finished) {

  /** The class that its operation says it is of: none is called so. */
  static final ClassName OWNER = new ClassName("dev.mezzo", "Fused");

  private static final String ARROW = "-> ";
  private static final String SUFFIX = "_GRADIENT";

  static boolean is(OperationModel operation) {
    return operation.owner().equals(OWNER);
  }

  /** The field that holds the gradients' formula. */
  static String gradientOf(String constant) {
    return constant + SUFFIX;
  }

  /** {@code silu(gate) * up}. */
  String body() {
    return formula.text().substring(formula.text().indexOf(ARROW) + ARROW.length());
  }

  /**
   * A formula.
   *
   * @param text {@code (gate, up) -> silu(gate) * up}
   * @param body with the operations and lines behind it, {@code silu[silu 24](gate) *[multiply 25]
   *     up}; empty where it is of one operation
   */
  record Formula(String text, String body) {
    /** The constant of that name. */
    FusedPlan named(String name) {
      String given = text.substring(0, text.indexOf(ARROW) + ARROW.length());
      return new FusedPlan(
          name, text, body.isEmpty() ? Optional.empty() : Optional.of(given + body));
    }
  }
}
