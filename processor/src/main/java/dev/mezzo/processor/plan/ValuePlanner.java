package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.SourcePosition;
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
    Map<String, Node> makers = new HashMap<>();
    function.all().forEach(node -> node.made().ifPresent(v -> makers.put(v.name(), node)));
    for (Row row : rows) {
      Node maker = row.made().map(makers::get).orElse(null);
      if (maker != null) {
        planner.members(maker).forEach(m -> values.add(planner.within(maker, m, row, reasons)));
        Optional<FusedExpression> finish = function.finishing(maker);
        if (finish.isPresent()) {
          values.add(planner.finished(row, finish.get()));
          continue;
        }
        Optional<String> constant = planner.expression(maker).map(FusedExpression::constant);
        values.add(planner.made(row, row.operation(), reasons.of(maker, function), constant));
      } else if (row.made().isPresent()) {
        String what = row.operation().substring(0, row.operation().indexOf(':'));
        String why = "the precision of the ways; full if one is full";
        values.add(planner.made(row, what, why, Optional.empty()));
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

  private ValuePlan within(Node expression, Node member, Row row, Reasons reasons) {
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
        row.loop().map(SourcePosition::line),
        Optional.empty(),
        expression.made().map(Value::name));
  }

  /** What a kernel has computed and goes on with. */
  private ValuePlan finished(Row row, FusedExpression finish) {
    return new ValuePlan(
        function.name(),
        row.made().orElseThrow(),
        row.position(),
        row.operation(),
        row.operands(),
        Precision.FULL,
        "the sums of the kernel, which finishes them",
        List.of(),
        false,
        row.loop().map(SourcePosition::line),
        Optional.empty(),
        finish.members().getLast().made().map(Value::name));
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
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private ValuePlan made(Row row, String operation, String reason, Optional<String> constant) {
    String name = row.made().orElseThrow();
    return new ValuePlan(
        function.name(),
        name,
        row.position(),
        operation,
        row.operands(),
        row.precision(),
        reason,
        readers.getOrDefault(name, List.of()),
        shared.getOrDefault(name, false),
        row.loop().map(SourcePosition::line),
        constant,
        Optional.empty());
  }
}
