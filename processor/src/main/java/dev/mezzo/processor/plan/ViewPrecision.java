package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Settles by their readers the views that may as well have another precision than their operand:
 * see the planner.
 */
final class ViewPrecision {
  private final PrecisionPlan.OfFunction plan;
  private final Map<Value, List<Precision>> reads = new HashMap<>();
  private final Map<Value, Precision> settled = new HashMap<>();
  private final Set<Value> parameterViews = new HashSet<>();

  private ViewPrecision(PrecisionPlan.OfFunction plan) {
    this.plan = plan;
  }

  /** The views whose precision changes. */
  static Map<Value, Precision> settle(FunctionModel function, PrecisionPlan.OfFunction plan) {
    ViewPrecision views = new ViewPrecision(plan);
    List<Statement> statements = function.body().all().toList();
    statements.forEach(views::note);
    statements.reversed().forEach(views::settle);
    return views.settled;
  }

  private void note(Statement statement) {
    switch (statement) {
      case Statement.Apply apply -> {
        for (int i = 0; i < apply.call().arguments().size(); i++) {
          note(apply.call().arguments().get(i), plan.argument(apply, i));
        }
      }
      case Statement.Return returned -> note(returned.result(), plan.argument(returned, 0));
      case Statement.If branch -> {
        for (Statement.Join join : branch.joins()) {
          note(join.then(), plan.of(join.result()));
          note(join.otherwise(), plan.of(join.result()));
        }
      }
      case Statement.Loop loop -> {
        for (Statement.Carried carried : loop.carried()) {
          note(carried.initial(), plan.of(carried.inside()));
          note(carried.next(), plan.of(carried.inside()));
        }
      }
      case Statement.Write write -> note(write.value(), plan.argument(write, 0));
      case Statement.PlainLocal local -> {}
      case Statement.PlainAssign assign -> {}
      case Statement.Effect effect -> {}
    }
    if (statement instanceof Statement.Apply apply && isView(apply)) {
      Argument operand = apply.call().arguments().getFirst();
      if (operand instanceof Argument.OfParameter
          || (operand instanceof Argument.OfValue of && parameterViews.contains(of.value()))) {
        parameterViews.add(apply.result());
      }
    }
  }

  private void note(Argument argument, Precision read) {
    if (argument instanceof Argument.OfValue(Value value, var position)) {
      reads.computeIfAbsent(value, v -> new ArrayList<>()).add(read);
    }
  }

  private void settle(Statement statement) {
    if (!(statement instanceof Statement.Apply apply) || !isView(apply)) {
      return;
    }
    Value view = apply.result();
    List<Precision> wanted = reads.getOrDefault(view, List.of());
    Precision now = plan.of(view);
    if (parameterViews.contains(view)) {
      if (now == Precision.HALF && !wanted.isEmpty() && !wanted.contains(Precision.HALF)) {
        change(apply, Precision.FULL);
      }
    } else if (now == Precision.FULL
        && wanted.contains(Precision.HALF)
        && !wanted.contains(Precision.FULL)
        && operandReads(apply).contains(Precision.HALF)) {
      change(apply, Precision.HALF);
    }
  }

  private void change(Statement.Apply apply, Precision precision) {
    settled.put(apply.result(), precision);
    if (apply.call().arguments().getFirst() instanceof Argument.OfValue of) {
      List<Precision> operand = reads.getOrDefault(of.value(), new ArrayList<>());
      operand.remove(plan.of(apply.result()));
      operand.add(precision);
    }
  }

  private List<Precision> operandReads(Statement.Apply apply) {
    return apply.call().arguments().getFirst() instanceof Argument.OfValue of
        ? reads.getOrDefault(of.value(), List.of())
        : List.of();
  }

  private static boolean isView(Statement.Apply apply) {
    return switch (apply.call()) {
      case Call.OfOperation call -> call.operation().view();
      case Call.OfElement call -> call.arguments().getFirst() instanceof Argument.OfParameter;
      default -> false;
    };
  }
}
