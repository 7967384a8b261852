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
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i) == Wanted.ON_REQUEST) { // promised by an interface: of zeros, at least
        needs.putIfAbsent(planner.inputs.get(i), Need.of(planner.inputs.get(i)));
      }
    }
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
    Map<Value, Need> before;
    do {
      before = Map.copyOf(needs);
      needs(function.body(), needs);
    } while (hasArrays(needs) && !needs.equals(before));
    return needs;
  }

  /** What is written into an array late is read from it early, where a loop comes by again. */
  private static boolean hasArrays(Map<Value, Need> needs) {
    return needs.keySet().stream().anyMatch(Value::several);
  }

  private static void needs(Body body, Map<Value, Need> needs) {
    for (Node node : body.nodes()) {
      switch (node) {
        case Node.If branch -> {
          needs(branch.then(), needs);
          needs(branch.otherwise(), needs);
          for (Node.Join join : branch.joins()) {
            put(join.result(), of(join.then(), needs).or(of(join.otherwise(), needs)), needs);
          }
        }
        case Node.Loop loop -> needs(loop, needs);
        case Node.Write write -> put(write.array(), of(write.operand(), needs), needs);
        default -> {
          Need need = node.hasParameters() ? Need.ALWAYS : Need.NEVER;
          List<Boolean> differentiable = node.differentiable();
          for (int i = 0; i < differentiable.size(); i++) {
            need = differentiable.get(i) ? need.or(of(node.operands().get(i), needs)) : need;
          }
          if (node.made().isPresent()) {
            put(node.made().get(), need, needs);
          }
        }
      }
    }
  }

  /** What is carried depends on what every pass before has read. */
  private static void needs(Node.Loop loop, Map<Value, Need> needs) {
    loop.carried().forEach(c -> put(c.inside(), of(c.initial(), needs), needs));
    boolean changed;
    do {
      needs(loop.body(), needs);
      changed = false;
      for (Node.Carried carried : loop.carried()) {
        Need before = needs.getOrDefault(carried.inside(), Need.NEVER);
        Need joined = before.or(of(carried.next(), needs));
        put(carried.inside(), joined, needs);
        changed |= !joined.equals(before);
      }
    } while (changed);
    for (Node.Carried carried : loop.carried()) {
      put(carried.after(), needs.getOrDefault(carried.inside(), Need.NEVER), needs);
    }
  }

  /** Of an array all gradients are computed, if any is. */
  private static void put(Value value, Need need, Map<Value, Need> needs) {
    if (!need.never()) {
      needs.put(value, value.several() ? Need.ALWAYS : need);
    }
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
    int before;
    do {
      before = useful.size();
      useful(function.body(), useful);
    } while (useful.stream().anyMatch(Value::several) && useful.size() > before);
    return useful;
  }

  private static void useful(Body body, Set<Value> useful) {
    for (Node node : body.nodes().reversed()) {
      switch (node) {
        case Node.If branch -> {
          for (Node.Join join : branch.joins()) {
            if (useful.contains(join.result())) {
              note(join.then(), useful);
              note(join.otherwise(), useful);
            }
          }
          useful(branch.then(), useful);
          useful(branch.otherwise(), useful);
        }
        case Node.Loop loop -> {
          int before;
          do {
            before = useful.size();
            loop.carried().forEach(carried -> note(carried, useful));
            useful(loop.body(), useful);
          } while (useful.size() > before);
        }
        case Node.Write write -> {
          if (useful.contains(write.array())) {
            note(write.operand(), useful);
          }
        }
        default -> {
          if (node.made().filter(useful::contains).isPresent()) {
            List<Boolean> differentiable = node.differentiable();
            for (int i = 0; i < differentiable.size(); i++) {
              if (differentiable.get(i)) {
                note(node.operands().get(i), useful);
              }
            }
          }
        }
      }
    }
  }

  /** Its gradient goes from pass to pass, and to the initial value in the end. */
  private static void note(Node.Carried carried, Set<Value> useful) {
    if (useful.contains(carried.after()) || useful.contains(carried.inside())) {
      useful.add(carried.after());
      useful.add(carried.inside());
      note(carried.initial(), useful);
      note(carried.next(), useful);
    }
  }

  private static void note(Node.Operand operand, Set<Value> useful) {
    if (operand instanceof Node.Operand.OfValue(Value value)) {
      useful.add(value);
    }
  }
}
