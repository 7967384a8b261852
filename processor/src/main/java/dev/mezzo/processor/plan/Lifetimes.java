package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Closes every tensor that a program owns right after its last use (saves that follow come first:
 * they read better together); what it returns belongs to the caller. Where a branch is the last
 * use, each of its ways closes the tensor for itself; a loop leaves what is not its own alone. A
 * tensor that gets another name with its last use moves there instead.
 */
final class Lifetimes {
  private final Map<Value, Integer> lastUse = new LinkedHashMap<>();
  private final Map<Value, Need> present = new HashMap<>();
  private final Set<Value> known;
  private final List<Step> steps;
  private final List<Step> closed = new ArrayList<>();
  private final List<Step> due = new ArrayList<>();

  /**
   * Prepares one list.
   *
   * @param given tensors of a list around this one, which it is to close
   * @param outer variables of the lists around it
   */
  private Lifetimes(List<Step> steps, Map<Value, Need> given, Set<Value> outer) {
    this.steps = steps;
    this.known = new HashSet<>(outer);
    known.addAll(given.keySet());
    given.keySet().forEach(value -> lastUse.put(value, -1));
    present.putAll(given);
    for (int i = 0; i < steps.size(); i++) {
      note(i, steps.get(i), given.keySet());
    }
  }

  static List<Step> close(List<Step> steps) {
    return new Lifetimes(steps, Map.of(), Set.of()).closed(Set.of());
  }

  private void note(int index, Step step, Set<Value> given) {
    step.owns()
        .filter(known::add)
        .ifPresent(
            value -> {
              lastUse.put(value, index);
              present.put(value, present(step));
            });
    step.uses().forEach(value -> lastUse.replace(value, index));
    for (Value value : assigned(step)) {
      if (!given.contains(value)) {
        lastUse.replace(value, index);
      }
    }
  }

  private List<Step> closed(Set<Value> outer) {
    Set<Value> visible = new HashSet<>(outer);
    close(-1);
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step instanceof Step.Effect effect && effect.ends()) {
        due.clear();
        closed.add(step);
        return closed;
      }
      if (!(step instanceof Step.Save)) {
        flush();
      }
      closed.add(
          switch (step) {
            case Step.Branch branch -> branch(i, branch, visible);
            case Step.Loop loop -> loop(loop, visible);
            default -> moved(i, step);
          });
      step.owns().ifPresent(visible::add);
      close(i);
    }
    return closed;
  }

  private void flush() {
    closed.addAll(due);
    due.clear();
  }

  private void close(int index) {
    for (Map.Entry<Value, Integer> last : lastUse.entrySet()) {
      if (last.getValue() == index) {
        due.add(new Step.Close(last.getKey(), present.getOrDefault(last.getKey(), Need.ALWAYS)));
      }
    }
  }

  /** Each way gets what is not used behind the branch and was there before it. */
  private Step branch(int index, Step.Branch branch, Set<Value> visible) {
    Set<Value> used = new HashSet<>();
    branch.within().forEach(way -> way.forEach(step -> used.addAll(step.uses())));
    Set<Value> assigned = assigned(branch);
    Map<Value, Need> given = new LinkedHashMap<>();
    for (Map.Entry<Value, Integer> last : List.copyOf(lastUse.entrySet())) {
      Value value = last.getKey();
      if (last.getValue() == index && used.contains(value) && !assigned.contains(value)) {
        given.put(value, present.getOrDefault(value, Need.ALWAYS));
        lastUse.remove(value);
      }
    }
    return new Step.Branch(
        branch.condition(),
        inner(branch.then(), given, visible),
        inner(branch.otherwise(), given, visible),
        branch.position());
  }

  private Step loop(Step.Loop loop, Set<Value> visible) {
    Map<Value, Need> carried = new LinkedHashMap<>();
    for (Step.Carry carry : loop.carried()) {
      carried.put(carry.variable(), present.getOrDefault(carry.variable(), Need.ALWAYS));
    }
    return new Step.Loop(
        loop.header(), loop.carried(), inner(loop.body(), carried, visible), loop.position());
  }

  private static List<Step> inner(List<Step> steps, Map<Value, Need> given, Set<Value> visible) {
    Set<Value> outer = new HashSet<>(visible);
    Lifetimes lifetimes = new Lifetimes(steps, given, outer);
    outer.addAll(given.keySet());
    lifetimes.closed(outer);
    lifetimes.flush();
    return lifetimes.closed;
  }

  private Step moved(int index, Step step) {
    return switch (step) {
      case Step.Compute compute when isLast(index, compute.expression(), compute.present()) ->
          new Step.Compute(
              compute.result(),
              move(compute.expression()),
              compute.array(),
              Need.ALWAYS,
              compute.present(),
              compute.remark());
      case Step.Compute compute
          when compute.expression() instanceof Expression.Operation call
              && call.inputs().stream().anyMatch(Input.Sum.class::isInstance) -> {
        giveUpSums(call.inputs());
        yield step;
      }
      case Step.Compute compute when Inserted.isPlus(compute.expression()) -> {
        List<Input> both = compute.expression().inputs();
        boolean dead = both.stream().allMatch(v -> isDead(index, v, compute.need()));
        yield new Step.Compute(
            compute.result(),
            dead ? given(compute.expression()) : Inserted.add(compute.expression()),
            compute.array(),
            compute.need(),
            compute.present(),
            compute.remark());
      }
      case Step.Compute compute when compute.expression() instanceof Expression.Fused fused -> {
        giveUpSums(fused.sums());
        yield compute.need().always()
            ? new Step.Compute(
                compute.result(),
                fused.reusing(dead(index, fused.tensors())),
                compute.array(),
                compute.need(),
                compute.present(),
                compute.remark())
            : step;
      }
      case Step.Accumulate accumulate when isLast(index, accumulate.gradient(), Need.ALWAYS) ->
          new Step.Accumulate(
              accumulate.parameter(),
              accumulate.element(),
              move(accumulate.gradient()),
              accumulate.source());
      case Step.Plus plus when isLast(index, plus.gradient(), plus.need()) ->
          new Step.Plus(plus.sum(), move(plus.gradient()), false, Need.ALWAYS, plus.remark());
      default -> step;
    };
  }

  /** Their memory is the results'. */
  private void giveUpSums(List<Input> inputs) {
    for (Input input : inputs) {
      if (input instanceof Input.Sum(Value soFar)) {
        lastUse.remove(soFar);
      }
    }
  }

  /** The tensors among these that are used for the last time, in any case: they are given up. */
  private List<Value> dead(int index, List<Input> tensors) {
    List<Value> dead = new ArrayList<>();
    for (Input tensor : tensors) {
      if (tensor instanceof Input.Variable(Value value) && isDead(index, tensor, Need.ALWAYS)) {
        lastUse.remove(value);
        dead.add(value);
      }
    }
    return dead;
  }

  /** A call that its tensors are given up to. */
  private Expression given(Expression call) {
    call.uses().forEach(lastUse::remove);
    return call;
  }

  /** Whether it is a tensor that is used for the last time, and there whenever that is needed. */
  private boolean isDead(int index, Input tensor, Need need) {
    return tensor instanceof Input.Variable(Value value)
        && lastUse.getOrDefault(value, -1) == index
        && need.equals(present.getOrDefault(value, Need.ALWAYS));
  }

  private boolean isLast(int index, Expression expression, Need need) {
    return expression instanceof Expression.Share(Input.Variable(Value value), boolean moved)
        && lastUse.getOrDefault(value, -1) == index
        && need.equals(present.getOrDefault(value, Need.ALWAYS));
  }

  private Expression move(Expression expression) {
    if (expression instanceof Expression.Share(Input.Variable(Value value), boolean moved)) {
      lastUse.remove(value);
      return new Expression.Share(new Input.Variable(value), true);
    }
    return expression;
  }

  /** The variables of outer lists that a step, or one within it, gives another tensor. */
  private static Set<Value> assigned(Step step) {
    if (step.within().isEmpty()) {
      return step.assigns().map(Set::of).orElse(Set.of());
    }
    Set<Value> assigned = new HashSet<>();
    step.all().forEach(each -> each.assigns().ifPresent(assigned::add));
    return assigned;
  }

  private static Need present(Step owner) {
    return switch (owner) {
      case Step.Compute compute -> compute.present();
      case Step.Declare declare -> declare.present();
      default -> owner.need();
    };
  }
}
