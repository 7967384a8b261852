package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sums up what the plan says of each tensor of a function, in the order in which they come. */
final class ValuePlanner {
  private final TypedFunction function;
  private final Map<String, List<Saved.Reader>> readers = new HashMap<>();
  private final Map<String, Boolean> shared = new HashMap<>();

  private ValuePlanner(TypedFunction function) {
    this.function = function;
  }

  /**
   * The values of a function.
   *
   * @param rows of the table: one for each node that makes a tensor
   */
  static List<ValuePlan> plan(
      TypedFunction function, SavePlan saves, List<Row> rows, Reasons reasons) {
    ValuePlanner planner = new ValuePlanner(function);
    for (Saved saved : saves.all()) {
      if (saved.content() == Saved.Content.TENSOR) {
        planner.readers.put(saved.value().name(), saved.readers());
      }
    }
    rows.stream()
        .flatMap(row -> row.saved().stream())
        .forEach(bytes -> planner.shared.put(bytes.tensor(), bytes.shared()));
    List<ValuePlan> values = new ArrayList<>();
    for (Value input : function.source().inputs()) {
      values.add(planner.input(input, reasons));
    }
    int row = 0;
    List<Row> made = rows.stream().filter(each -> !each.flow()).toList();
    for (Node node : function.all()) {
      planner.members(node).forEach(member -> values.add(planner.within(node, member, reasons)));
      if (node.made().isPresent()) {
        values.add(planner.made(node.made().get(), made.get(row++), reasons.of(node, function)));
      }
    }
    return values;
  }

  /** The operations but the last of an expression in one pass. */
  private List<Node> members(Node node) {
    return expression(node)
        .map(FusedExpression::members)
        .map(members -> members.subList(0, members.size() - 1))
        .orElse(List.of());
  }

  private Optional<FusedExpression> expression(Node node) {
    return node instanceof Node.Apply apply
            && apply.callee() instanceof Node.Callee.OfOperation(var operation)
        ? function.fused(operation)
        : Optional.empty();
  }

  private ValuePlan within(Node expression, Node member, Reasons reasons) {
    String operation =
        member instanceof Node.Apply apply
                && apply.callee() instanceof Node.Callee.OfOperation(var called)
            ? called.name()
            : "cast";
    return new ValuePlan(
        function.name(),
        member.made().orElseThrow().name(),
        member.position(),
        operation,
        member.operands().stream()
            .filter(Node.Operand::tensor)
            .map(operand -> TablePlanner.operand(operand, function))
            .toList(),
        Precision.FULL,
        "within one pass: " + reasons.of(member, function),
        List.of(),
        false,
        expression.made().map(Value::name));
  }

  private ValuePlan input(Value input, Reasons reasons) {
    return new ValuePlan(
        function.name(),
        input.name(),
        function.source().position(),
        "input",
        List.of(),
        function.of(input),
        reasons.ofInput(function, input),
        readers.getOrDefault(input.name(), List.of()),
        shared.getOrDefault(input.name(), false),
        Optional.empty());
  }

  private ValuePlan made(Value value, Row row, String reason) {
    return new ValuePlan(
        function.name(),
        value.name(),
        row.position(),
        row.operation(),
        row.operands(),
        row.precision(),
        reason,
        readers.getOrDefault(value.name(), List.of()),
        shared.getOrDefault(value.name(), false),
        Optional.empty());
  }
}
