package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.LayerInterface;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Activity.Wanted;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds the values that lie on a way from a parameter, or an input whose gradient is wanted, to the
 * result, through differentiable operands. Only their gradients are computed.
 */
final class ActivityPlanner {
  private final TypedFunction function;
  private final List<Value> inputs;

  private ActivityPlanner(TypedFunction function) {
    this.function = function;
    this.inputs = function.source().inputs();
  }

  /** The function as its callers see it. */
  static LayerInterface signature(TypedFunction function) {
    ActivityPlanner planner = new ActivityPlanner(function);
    Set<Value> useful = planner.useful();
    List<Wanted> none = Collections.nCopies(planner.inputs.size(), Wanted.NEVER);
    return new LayerInterface(
        planner.inputs.stream().map(function::of).toList(),
        planner.inputs.stream().map(useful::contains).toList(),
        function.output(),
        of(function.result(), planner.needs(none)).always());
  }

  /** What backward has to do where the inputs' gradients are wanted so. */
  static Activity plan(TypedFunction function, List<Wanted> wanted) {
    ActivityPlanner planner = new ActivityPlanner(function);
    Map<Value, Need> needs = planner.needs(wanted);
    needs.keySet().retainAll(planner.useful());
    return new Activity(needs, wanted);
  }

  /** Forwards: what each value depends on. */
  private Map<Value, Need> needs(List<Wanted> wanted) {
    Map<Value, Need> needs = new HashMap<>();
    for (int i = 0; i < wanted.size(); i++) {
      Value input = inputs.get(i);
      switch (wanted.get(i)) {
        case ALWAYS -> needs.put(input, Need.ALWAYS);
        case ON_REQUEST -> needs.put(input, Need.of(input));
        case NEVER -> {}
      }
    }
    for (Node node : function.nodes()) {
      Need need = node.hasParameters() ? Need.ALWAYS : Need.NEVER;
      List<Boolean> differentiable = node.differentiable();
      for (int i = 0; i < differentiable.size(); i++) {
        need = differentiable.get(i) ? need.or(of(node.operands().get(i), needs)) : need;
      }
      if (node.made().isPresent() && !need.never()) {
        needs.put(node.made().get(), need);
      }
    }
    return needs;
  }

  private static Need of(Node.Operand operand, Map<Value, Need> needs) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> needs.getOrDefault(value, Need.NEVER);
      case Node.Operand.OfParameter parameter -> Need.ALWAYS;
      case Node.Operand.OfPlain plain -> Need.NEVER;
    };
  }

  /** Backwards: what the result depends on. */
  private Set<Value> useful() {
    Set<Value> useful = new HashSet<>();
    note(function.result(), useful);
    for (Node node : function.nodes().reversed()) {
      if (node.made().filter(useful::contains).isEmpty()) {
        continue;
      }
      List<Boolean> differentiable = node.differentiable();
      for (int i = 0; i < differentiable.size(); i++) {
        if (differentiable.get(i)) {
          note(node.operands().get(i), useful);
        }
      }
    }
    return useful;
  }

  private static void note(Node.Operand operand, Set<Value> useful) {
    if (operand instanceof Node.Operand.OfValue(Value value)) {
      useful.add(value);
    }
  }
}
