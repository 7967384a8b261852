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
    List<Node> nodes,
    Node.Operand result,
    SourcePosition resultPosition,
    Map<Value, Precision> precisions,
    Precision output) {

  String name() {
    return source.name();
  }

  Precision of(Value value) {
    return precisions.getOrDefault(value, Precision.ANY);
  }
}
