package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the table in the generated class's Javadoc says of a function. */
final class TablePlanner {
  private final TypedFunction function;
  private final SavePlan saves;
  private final Map<Value, Value> bases = new HashMap<>();
  private final Set<Value> held = new HashSet<>();

  private TablePlanner(TypedFunction function, SavePlan saves) {
    this.function = function;
    this.saves = saves;
  }

  static List<Row> plan(TypedFunction function, SavePlan saves) {
    TablePlanner planner = new TablePlanner(function, saves);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < function.nodes().size(); i++) {
      switch (function.nodes().get(i)) {
        case Node.Apply apply -> rows.add(planner.row(i, apply));
        case Node.Cast cast ->
            rows.add(
                planner.row(i, cast, "cast", false, cast.to(), operand(cast.operand(), function)));
        case Node.Local local -> {}
      }
    }
    return rows;
  }

  private Row row(int index, Node.Apply node) {
    boolean computes = false;
    String name =
        switch (node.callee()) {
          case Node.Callee.OfOperation(var operation) -> {
            computes = !operation.view();
            if (operation.view()
                && node.operands().getFirst() instanceof Node.Operand.OfValue(Value value)) {
              bases.put(node.result(), bases.getOrDefault(value, value));
            }
            yield operation.name();
          }
          case Node.Callee.OfLayer(var layer, var signature) -> layer.name() + ".forward";
          case Node.Callee.OfFunction(var helper, var signature) -> helper;
        };
    Row.Operand[] operands =
        node.operands().stream()
            .filter(Node.Operand::tensor)
            .map(operand -> operand(operand, function))
            .toArray(Row.Operand[]::new);
    return row(index, node, name, computes, function.of(node.result()), operands);
  }

  private Row row(
      int index,
      Node node,
      String operation,
      boolean computes,
      Precision precision,
      Row.Operand... operands) {
    List<Row.Bytes> bytes = new ArrayList<>();
    for (SavePlan.Entry entry : saves.after(index)) {
      if (entry.saved().content() == Saved.Content.TENSOR) {
        Value value = entry.saved().value();
        boolean first = held.add(bases.getOrDefault(value, value));
        bytes.add(new Row.Bytes(value.name(), entry.saved().precision(), !first));
      }
    }
    return new Row(
        function.name(), node.position(), operation, List.of(operands), computes, precision, bytes);
  }

  private static Row.Operand operand(Node.Operand operand, TypedFunction function) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> new Row.Operand(value.name(), function.of(value));
      case Node.Operand.OfParameter(var parameter, var precision) ->
          new Row.Operand(parameter.name(), precision);
      case Node.Operand.OfPlain(var plain) -> new Row.Operand(plain.code(), Precision.ANY);
    };
  }
}
