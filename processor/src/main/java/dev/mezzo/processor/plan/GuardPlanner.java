package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Puts backward's conditional steps into readable form: a single one stays a {@code wantDx ? … :
 * null}; several become {@code if (wantDx) { … }}; where nothing else follows, {@code if (!wantDx)
 * { return null; }} goes before them. In the other case what forward has saved for them still comes
 * off the tape.
 */
final class GuardPlanner {
  private final List<Step> steps;
  private final boolean within;
  private final Set<Value> known;
  private final List<Step> structured = new ArrayList<>();

  private GuardPlanner(List<Step> steps, boolean within, Set<Value> outer) {
    this.steps = steps;
    this.within = within;
    this.known = new HashSet<>(outer);
  }

  static List<Step> structure(List<Step> steps) {
    return structure(steps, false, Set.of());
  }

  /**
   * The steps in readable form.
   *
   * @param within whether they are those of a branch or loop of the user's
   * @param outer the variables that are declared around it
   */
  private static List<Step> structure(List<Step> steps, boolean within, Set<Value> outer) {
    GuardPlanner planner = new GuardPlanner(restoreAlways(steps), within, outer);
    int from = 0;
    while (from < planner.steps.size()) {
      from = planner.next(from);
    }
    return planner.structured;
  }

  /**
   * What only one step needs, or none in sight, is restored in any case: that reads better than a
   * branch.
   */
  private static List<Step> restoreAlways(List<Step> steps) {
    Set<Value> always = new HashSet<>();
    int from = 0;
    while (from < steps.size()) {
      Need need = steps.get(from).need();
      int to = need.depends() ? endOfRun(steps, from, need) : from + 1;
      if (need.depends()) {
        List<Step> run = steps.subList(from, to);
        List<Step> rest = steps.subList(to, steps.size());
        boolean all = isShort(run);
        run.stream()
            .filter(
                step ->
                    all
                        ? isRestore(step)
                        : isPlain(step) && !declared(List.of(step), rest).isEmpty())
            .forEach(step -> step.declares().ifPresent(always::add));
      }
      from = to;
    }
    if (always.isEmpty()) {
      return steps;
    }
    return restoreAlways(always(steps, always));
  }

  /** The steps, those within others too, where these values are restored and closed in any case. */
  private static List<Step> always(List<Step> steps, Set<Value> values) {
    List<Step> restored = new ArrayList<>();
    for (Step step : steps) {
      boolean of =
          isRestore(step)
              ? step.declares().filter(values::contains).isPresent()
              : step instanceof Step.Close close && values.contains(close.value());
      restored.add(of ? step.given(step.need()) : within(step, list -> always(list, values)));
    }
    return restored;
  }

  /** The same branch or loop with other steps within. */
  private static Step within(Step step, UnaryOperator<List<Step>> change) {
    return switch (step) {
      case Step.Branch(Input condition, var then, var otherwise, var position) ->
          new Step.Branch(condition, change.apply(then), change.apply(otherwise), position);
      case Step.Loop(LoopHeader header, var carried, var body, var position) ->
          new Step.Loop(header, carried, change.apply(body), position);
      default -> step;
    };
  }

  /** A plain value, which has no null to stand for it where it is not restored. */
  private static boolean isPlain(Step step) {
    return step instanceof Step.Restore(Saved saved, Need need)
        && saved.content() == Saved.Content.PLAIN;
  }

  private static boolean isRestore(Step step) {
    return step instanceof Step.Restore || step instanceof Step.TakeLayout;
  }

  /**
   * At most one computation, which leaves nothing on the tape, and otherwise what it restores and
   * closes.
   */
  private static boolean isShort(List<Step> run) {
    Set<Value> restored = new HashSet<>();
    int computations = 0;
    for (Step step : run) {
      switch (step) {
        case Step.Restore restore -> restored.add(restore.saved().restored());
        case Step.TakeLayout take -> {}
        case Step.Close close -> {
          if (close.need().depends() && !restored.contains(close.value())) {
            return false;
          }
        }
        case Step.Compute compute -> {
          if (compute.array() || leftOnTape(compute.expression(), compute.remark()).isPresent()) {
            return false;
          }
          computations++;
        }
        case Step.Plus plus -> {
          if (leftOnTape(plus.gradient(), plus.remark()).isPresent()) {
            return false;
          }
          computations++;
        }
        default -> {
          return false;
        }
      }
    }
    return computations <= 1;
  }

  private int next(int from) {
    Step first = steps.get(from);
    Need need = first.need();
    if (!need.depends()) {
      structured.add(within(first, list -> structure(list, true, known)));
      first.declares().ifPresent(known::add);
      return from + 1;
    }
    int to = endOfRun(steps, from, need);
    List<Step> run = steps.subList(from, to);
    List<Step> rest = steps.subList(to, steps.size());
    List<Step> declared =
        declared(run, rest).stream()
            .filter(step -> step.declares().filter(known::contains).isEmpty())
            .toList();
    run.forEach(step -> step.declares().ifPresent(known::add));
    if (run.size() == 1 && isShort(run)) {
      structured.add(first);
      return to;
    }
    List<Step> then = run.stream().map(step -> step.given(need)).toList();
    List<Step> otherwise = otherwise(run);
    if (!within && isTail(rest, need)) {
      List<Step> before = new ArrayList<>(otherwise);
      before.addAll(rest.subList(0, rest.size() - 1));
      structured.add(new Step.Leave(need, before));
      structured.addAll(then);
    } else {
      structured.add(new Step.When(need, declared, then, otherwise));
    }
    return to;
  }

  /** Steps of the same need in a row; unconditional closes between them stay where they are. */
  private static int endOfRun(List<Step> steps, int from, Need need) {
    int end = from + 1;
    for (int i = end; i < steps.size(); i++) {
      Step step = steps.get(i);
      if (step.need().equals(need)) {
        end = i + 1;
      } else if (!(step instanceof Step.Close && step.need().always())) {
        break;
      }
    }
    return end;
  }

  private static boolean isTail(List<Step> rest, Need need) {
    return rest.getLast() instanceof Step.Return(var values)
        && values.size() == 1
        && need.inputs().size() == 1
        && rest.subList(0, rest.size() - 1).stream().allMatch(Step.Close.class::isInstance);
  }

  /**
   * What is to be done instead of the run: unconditional closes, and the tape. The index of a layer
   * that is called all the same comes off it as always.
   */
  private static List<Step> otherwise(List<Step> run) {
    List<Step> instead = new ArrayList<>();
    for (Step step : run) {
      switch (step) {
        case Step.Restore restore -> instead.add(restore.given(restore.need()));
        case Step.Close close when close.need().always() -> instead.add(close);
        case Step.Compute compute ->
            leftOnTape(compute.expression(), compute.remark()).ifPresent(instead::add);
        case Step.Plus plus -> leftOnTape(plus.gradient(), plus.remark()).ifPresent(instead::add);
        case Step.Run call -> leftOnTape(call.expression(), call.remark()).ifPresent(instead::add);
        default -> {}
      }
    }
    List<Step> otherwise = new ArrayList<>();
    for (Step step : instead) {
      boolean unread =
          step instanceof Step.Restore restore
              && instead.stream().noneMatch(s -> s.uses().contains(restore.saved().restored()));
      push(otherwise, unread ? new Step.Drop(1) : step);
    }
    return otherwise;
  }

  private static void push(List<Step> otherwise, Step step) {
    if (step instanceof Step.Drop(int more)
        && !otherwise.isEmpty()
        && otherwise.getLast() instanceof Step.Drop(int entries)) {
      otherwise.set(otherwise.size() - 1, new Step.Drop(entries + more));
    } else {
      otherwise.add(step);
    }
  }

  /** How the tape gets rid of what a computation that does not run would have taken off it. */
  private static Optional<Step> leftOnTape(Expression expression, Step.Remark remark) {
    return switch (expression) {
      case Expression.LayerBackward call when call.inputs().contains(new Input.Refilled()) ->
          Optional.empty();
      case Expression.FunctionBackward call when call.inputs().contains(new Input.Refilled()) ->
          Optional.empty();
      case Expression.Operation operation
          when operation.inputs().stream().anyMatch(Input.Tape.class::isInstance) ->
          Optional.of(new Step.Drop(1));
      case Expression.LayerBackward call -> Optional.of(unwanted(call, remark));
      case Expression.FunctionBackward call -> Optional.of(unwanted(call, remark));
      default -> Optional.empty();
    };
  }

  /** The same backward call where nothing is wanted: it reads no gradient. */
  private static Step unwanted(Expression call, Step.Remark remark) {
    List<Input> inputs =
        call.inputs().stream()
            .map(
                input ->
                    switch (input) {
                      case Input.Variable gradient -> new Input.Nothing();
                      case Input.Wanted wanted -> new Input.Wanted(Need.NEVER);
                      default -> input;
                    })
            .toList();
    Expression unwanted =
        switch (call) {
          case Expression.LayerBackward(var layer, var given) ->
              new Expression.LayerBackward(layer, inputs);
          case Expression.FunctionBackward(var function, var given) ->
              new Expression.FunctionBackward(function, inputs);
          default -> throw new IllegalArgumentException("no backward: " + call);
        };
    return new Step.Run(unwanted, Need.ALWAYS, remark);
  }

  private static List<Step> declared(List<Step> run, List<Step> rest) {
    return run.stream()
        .filter(
            step ->
                step.declares()
                    .filter(value -> rest.stream().anyMatch(later -> reads(later, value)))
                    .isPresent())
        .toList();
  }

  private static boolean reads(Step step, Value value) {
    return step.uses().contains(value)
        || (step instanceof Step.Close close && close.value().equals(value));
  }
}
