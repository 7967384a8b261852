package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import java.util.List;
import java.util.Map;

/**
 * A function with its casts.
 *
 * @param result what it returns, already in {@code output}
 * @param precisions of its inputs and of every result of a node
 */
record TypedFunction(
    FunctionModel source,
    Body body,
    Node.Operand result,
    SourcePosition resultPosition,
    Map<Value, Precision> precisions,
    Precision output) {

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
