package dev.mezzo.processor.emit;

import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Expression;
import dev.mezzo.processor.plan.Input;
import dev.mezzo.processor.plan.Step;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds the tensors that may have one variable instead of {@code h = relu;}: one that moves to
 * another name, where the other name is free from the time when the tensor is made.
 */
final class SharedVariables {
  private final Map<Value, Value> names = new HashMap<>();
  private final Set<Value> inCode = new HashSet<>();

  private SharedVariables(List<Step> program) {
    program.stream().flatMap(Step::all).forEach(this::noteCode);
  }

  /** For each of these tensors, the one whose variable it has. */
  static Map<Value, Value> of(List<Step> program) {
    SharedVariables shared = new SharedVariables(program);
    shared.find(program, Set.of());
    return shared.names;
  }

  /** The user's code has the names in its text. */
  private void noteCode(Step step) {
    switch (step) {
      case Step.Local(var local) -> inCode.addAll(local.value().reads());
      case Step.Change change -> inCode.addAll(change.code().reads());
      case Step.Effect effect -> inCode.addAll(effect.code().reads());
      case Step.Named named -> inCode.addAll(named.plain().reads());
      case Step.Compute compute -> compute.expression().reads().forEach(this::noteCode);
      case Step.Finish finish -> finish.expression().reads().forEach(this::noteCode);
      case Step.Branch branch -> noteCode(branch.condition());
      case Step.Loop loop -> loop.header().inputs().forEach(this::noteCode);
      default -> {}
    }
  }

  private void noteCode(Input input) {
    if (input instanceof Input.Code(var plain)) {
      inCode.addAll(plain.reads());
    }
  }

  private void find(List<Step> steps, Set<Value> outer) {
    Set<Value> declared = new HashSet<>(outer);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      step.within().forEach(way -> find(way, declared));
      if (step instanceof Step.Compute compute
          && compute.expression()
              instanceof Expression.Share(Input.Variable(Value from), boolean moved)
          && moved) {
        share(steps, i, from, compute.result(), declared);
      }
      step.declares().ifPresent(declared::add);
    }
  }

  private void share(List<Step> steps, int index, Value from, Value to, Set<Value> declared) {
    Optional<Integer> made = made(steps, index, from);
    if (!declared.contains(to)) {
      if (made.isPresent()) {
        rename(from, to);
      }
      return;
    }
    if (made.isPresent()
        && !inCode.contains(from)
        && steps.subList(first(steps, from), index).stream()
            .noneMatch(step -> mentions(step, to))) {
      names.put(from, to);
    }
  }

  /** The first step that has to do with the variable of a tensor that is made in the list. */
  private int first(List<Step> steps, Value value) {
    int first = 0;
    while (!mentions(steps.get(first), value)) {
      first++;
    }
    return first;
  }

  /** A new variable: both tensors may have either name; the user's, and the shorter, is better. */
  private void rename(Value from, Value to) {
    boolean later = base(to).equals(base(from));
    if (!later && !inCode.contains(from) && !names.containsKey(from)) {
      names.put(from, to);
    } else if (!inCode.contains(to)) {
      names.put(to, from);
    }
  }

  private static String base(Value value) {
    return value.name().replaceFirst("_?\\d*$", "");
  }

  /** The step of the list before {@code index} that makes a tensor. */
  private static Optional<Integer> made(List<Step> steps, int index, Value value) {
    for (int i = 0; i < index; i++) {
      boolean makes =
          switch (steps.get(i)) {
            case Step.Compute compute -> compute.result().equals(value);
            case Step.Declare declare -> declare.value().equals(value);
            default -> false;
          };
      if (makes) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** Whether a step has to do with a tensor, or with one that has the same variable already. */
  private boolean mentions(Step step, Value value) {
    return step.all()
        .flatMap(SharedVariables::mentioned)
        .anyMatch(other -> variable(other).equals(variable(value)));
  }

  private static Stream<Value> mentioned(Step step) {
    Stream<Value> closed =
        step instanceof Step.Close close ? Stream.of(close.value()) : Stream.of();
    return Stream.of(
            step.uses().stream(), step.assigns().stream(), step.declares().stream(), closed)
        .flatMap(v -> v);
  }

  private Value variable(Value value) {
    Value other = names.get(value);
    return other == null ? value : variable(other);
  }
}
