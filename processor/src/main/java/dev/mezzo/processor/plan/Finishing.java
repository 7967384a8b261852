package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.OperationModel;
import java.util.Optional;

/** Which calls finish their results: do something to them in FP32, before they round and store. */
final class Finishing {

  private Finishing() {}

  /** Whether a call does, and no gradient of its own reads the result. */
  static boolean offers(Node.Apply node) {
    return switch (node.callee()) {
      case Node.Callee.OfOperation(var operation) -> offers(operation);
      case Node.Callee.OfLayer layer -> layer.signature().finishes();
      default -> false;
    };
  }

  private static boolean offers(OperationModel operation) {
    return operation.finishes()
        && !operation.view()
        && !operation.several()
        && operation.operands().stream().noneMatch(OperationModel.Operand::several)
        && operation.gradients().stream()
            .flatMap(gradient -> gradient.reads().stream())
            .noneMatch(new GradientModel.Read.OfResult(false)::equals);
  }

  /**
   * The operation or layer that makes a function's result, if it can do to it what the caller
   * wants: in the function nobody else reads it.
   */
  static Optional<Node.Apply> ofResult(TypedFunction function) {
    Node.Operand result = function.result();
    return function.all().stream().anyMatch(node -> node.reads().contains(result))
        ? Optional.empty()
        : function.body().nodes().stream()
            .filter(
                node ->
                    node.made().map(Node.Operand.OfValue::new).filter(result::equals).isPresent())
            .filter(node -> node instanceof Node.Apply)
            .map(Node.Apply.class::cast)
            .filter(Finishing::offers)
            .findFirst();
  }
}
