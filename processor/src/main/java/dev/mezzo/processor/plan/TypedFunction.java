package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A function with its casts.
 *
 * @param result what it returns, already in {@code output}
 * @param precisions of its inputs and of every result of a node
 * @param fused the expressions that stand for several operations
 */
record TypedFunction(
    FunctionModel source,
    Body body,
    Node.Operand result,
    SourcePosition resultPosition,
    Map<Value, Precision> precisions,
    Precision output,
    List<FusedExpression> fused) {

  /** The same function with other nodes. */
  TypedFunction with(Body nodes, List<FusedExpression> expressions) {
    return new TypedFunction(
        source, nodes, result, resultPosition, precisions, output, List.copyOf(expressions));
  }

  /** The expression behind an operation, if it is one. */
  Optional<FusedExpression> fused(OperationModel operation) {
    return FusedExpression.is(operation)
        ? fused.stream().filter(each -> each.constant().equals(operation.name())).findFirst()
        : Optional.empty();
  }

  /** Whether a value is never in memory, since its kernel goes on with it. */
  boolean isFinished(Value value) {
    return fused.stream()
        .anyMatch(each -> each.finished().filter(by -> by.result().equals(value)).isPresent());
  }

  /** The expression that a node's kernel applies to its result. */
  Optional<FusedExpression> finishing(Node node) {
    return fused.stream()
        .filter(each -> each.finished().filter(node::equals).isPresent())
        .findFirst();
  }

  String name() {
    return source.name();
  }

  /** Every node, at any depth. */
  List<Node> all() {
    return body.all().toList();
  }

  Precision of(Value value) {
    return precisions.getOrDefault(value, Precision.ANY);
  }
}
