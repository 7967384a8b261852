package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the table in the generated class's Javadoc says of a function. */
final class TablePlanner {
  private final TypedFunction function;
  private final SavePlan saves;
  private final Map<Value, Value> bases = new HashMap<>();
  private final Set<Value> held = new HashSet<>();
  private final List<Row> rows = new ArrayList<>();

  private TablePlanner(TypedFunction function, SavePlan saves) {
    this.function = function;
    this.saves = saves;
  }

  static List<Row> plan(TypedFunction function, SavePlan saves) {
    TablePlanner planner = new TablePlanner(function, saves);
    planner.rows(function.body(), Optional.empty());
    return planner.rows;
  }

  private void rows(Body body, Optional<SourcePosition> loop) {
    for (int i = 0; i < body.nodes().size(); i++) {
      Place place = body.place(i);
      Node node = body.nodes().get(i);
      switch (node) {
        case Node.Apply apply -> rows.add(row(place, apply, loop));
        case Node.Cast cast ->
            rows.add(row(place, cast, "cast", cast.to(), loop, List.of(cast.operand())));
        case Node.Write write -> rest(place, write, "element of " + write.array().name(), loop);
        case Node.Local local -> {}
        case Node.Assign assign -> {}
        case Node.Effect effect -> {}
        case Node.If branch -> {
          rows(branch.then(), loop);
          rows(branch.otherwise(), loop);
          for (Node.Join join : branch.joins()) {
            String what = "joined: " + join.result().name();
            List<Node.Operand> ways = List.of(join.then(), join.otherwise());
            Row row = row(place, branch, what, function.of(join.result()), loop, ways);
            rows.add(row.about(join.result().name()));
          }
          rest(place, branch, "branch", loop);
        }
        case Node.Loop within -> {
          for (Node.Carried carried : within.carried()) {
            String what = "carried: " + carried.inside().name();
            List<Node.Operand> ways = List.of(carried.initial(), carried.next());
            Row row = row(place, within, what, function.of(carried.inside()), loop, ways);
            rows.add(row.about(carried.inside().name()));
          }
          rows(within.body(), Optional.of(within.position()));
          rest(place, within, "loop", loop);
        }
      }
    }
  }

  /** What is saved behind a branch or loop stands in a row of its own. */
  private void rest(Place place, Node node, String what, Optional<SourcePosition> loop) {
    Row row = row(place, node, what, Precision.ANY, loop, List.of());
    if (!row.saved().isEmpty()) {
      rows.add(row);
    }
  }

  private Row row(Place place, Node.Apply node, Optional<SourcePosition> loop) {
    boolean computes = false;
    String name =
        switch (node.callee()) {
          case Node.Callee.OfOperation(var operation) -> {
            computes = !operation.view();
            if (operation.view()
                && node.operands().getFirst() instanceof Node.Operand.OfValue(Value value)) {
              bases.put(node.result(), bases.getOrDefault(value, value));
            }
            yield function.fused(operation).map(FusedExpression::body).orElse(operation.name());
          }
          case Node.Callee.OfArray _ -> "array";
          case Node.Callee.OfElement _ -> "element";
          case Node.Callee.OfLayer(var layer, var signature, var _) -> layer.name() + ".forward";
          case Node.Callee.OfFunction(var helper, var signature, var _) -> helper;
        };
    List<Node.Operand> operands = node.operands().stream().filter(Node.Operand::tensor).toList();
    Precision precision =
        function.finishing(node).isPresent() ? Precision.FULL : function.of(node.result());
    return row(place, node, name, precision, loop, operands).computing(computes);
  }

  private Row row(
      Place place,
      Node node,
      String operation,
      Precision precision,
      Optional<SourcePosition> loop,
      List<Node.Operand> operands) {
    List<Row.Bytes> bytes = new ArrayList<>();
    boolean ways = operation.startsWith("joined: ") || operation.startsWith("carried: ");
    for (SavePlan.Entry entry : ways ? List.<SavePlan.Entry>of() : saves.after(place)) {
      if (entry.saved().content() == Saved.Content.TENSOR) {
        Value value = entry.saved().value();
        boolean first = held.add(bases.getOrDefault(value, value));
        bytes.add(new Row.Bytes(value.name(), entry.saved().precision(), !first));
      }
    }
    List<Row.Operand> read = operands.stream().map(each -> operand(each, function)).toList();
    return new Row(
        function.name(),
        node.position(),
        operation,
        read,
        false,
        precision,
        bytes,
        loop,
        node.made().map(Value::name),
        node.made().isEmpty());
  }

  static Row.Operand operand(Node.Operand operand, TypedFunction function) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) ->
          new Row.Operand(
              value.name(), function.isFinished(value) ? Precision.FULL : function.of(value));
      case Node.Operand.OfParameter(var parameter, var precision) ->
          new Row.Operand(parameter.name(), precision);
      case Node.Operand.OfPlain(var plain) -> new Row.Operand(plain.code(), Precision.ANY);
    };
  }
}
