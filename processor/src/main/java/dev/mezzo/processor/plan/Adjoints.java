package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import dev.mezzo.processor.plan.Gaps.Presence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * The gradients of a function's values while backward is planned. A value that is read more than
 * once has a gradient from each reader; they add up as they come. Those that come from within a
 * branch or loop, of a value from outside, add up in a variable that stands before it. Parameters'
 * go to their weights.
 */
final class Adjoints {
  private final TypedFunction function;
  private final Activity activity;
  private final Names names;
  private final Map<Value, Value> gradients = new HashMap<>();
  private final Map<Value, Value> slots = new HashMap<>();
  private final Map<Value, Set<Integer>> readers = new HashMap<>();
  private final Map<Value, String> summed = new HashMap<>();
  private final Map<Value, Value> sums = new LinkedHashMap<>();
  private final Map<Value, String> sources = new HashMap<>();
  private final Map<Integer, List<Step>> programs = new HashMap<>();
  private final SavePlan saves;
  private final Value dy;
  private Map<Value, Presence> presence = new HashMap<>();
  private int body;

  Adjoints(TypedFunction function, Activity activity, SavePlan saves, Names names, Value dy) {
    this.function = function;
    this.activity = activity;
    this.saves = saves;
    this.names = names;
    this.dy = dy;
    programs.put(body, new ArrayList<>());
    count(function.body());
    switch (function.result()) {
      case Node.Operand.OfValue(Value value) ->
          (value.several() ? slots : gradients).put(value, dy);
      case Node.Operand.OfParameter result ->
          accumulate(
              result,
              Optional.empty(),
              new Expression.Share(dy),
              function.resultPosition() + " return",
              function.resultPosition());
      case Node.Operand.OfPlain plain -> {}
    }
  }

  /**
   * A value's readers are the nodes beside its own, a branch or loop around some of them is one.
   */
  private void count(Body body) {
    for (int i = 0; i < body.nodes().size(); i++) {
      Node node = body.nodes().get(i);
      if (activity.of(node).never()) {
        continue;
      }
      node.bodies().forEach(this::count);
      for (int j = 0; j < node.operands().size(); j++) {
        if (node.differentiable().get(j)) {
          count(node.operands().get(j), body.place(i), j);
        }
      }
      switch (node) {
        case Node.If branch -> {
          for (Node.Join join : branch.joins()) {
            count(join.then(), branch.then().place(branch.then().nodes().size()), 0);
            count(join.otherwise(), branch.otherwise().place(branch.otherwise().nodes().size()), 0);
          }
        }
        case Node.Loop loop -> {
          for (Node.Carried carried : loop.carried()) {
            count(carried.initial(), body.place(i), 0);
            count(carried.next(), loop.body().place(loop.body().nodes().size()), 0);
          }
        }
        default -> {}
      }
    }
  }

  private void count(Node.Operand operand, Place place, int index) {
    if (operand instanceof Node.Operand.OfValue(Value value) && !activity.of(value).never()) {
      int home = saves.regions().home(value);
      int reader = saves.regions().lift(place, home);
      int several = place.body() == home ? index : 0;
      readers.computeIfAbsent(value, v -> new HashSet<>()).add(reader * 64 + several);
    }
  }

  private int readers(Value value) {
    return readers.getOrDefault(value, Set.of()).size();
  }

  /** The program so far, of the body that is being reversed; planners add to it. */
  List<Step> steps() {
    return program(body);
  }

  private List<Step> program(int of) {
    return programs.computeIfAbsent(of, b -> new ArrayList<>());
  }

  /** The program of a body within this one. */
  List<Step> within(Body inner, Runnable reversal) {
    int outer = body;
    body = inner.id();
    reversal.run();
    body = outer;
    return program(inner.id());
  }

  /** What adds up from several ways: each starts with what there was before all. */
  void ways(List<Runnable> ways) {
    Map<Value, Presence> before = Map.copyOf(presence);
    Map<Value, Presence> joined = null;
    for (Runnable way : ways) {
      presence = new HashMap<>(before);
      way.run();
      joined = joined == null ? presence : join(joined, presence);
    }
    presence = new HashMap<>(joined == null ? before : joined);
  }

  private Map<Value, Presence> join(Map<Value, Presence> a, Map<Value, Presence> b) {
    Map<Value, Presence> joined = new HashMap<>();
    Set<Value> values = new HashSet<>(a.keySet());
    values.addAll(b.keySet());
    for (Value value : values) {
      joined.put(value, present(value, a).join(present(value, b)));
    }
    return joined;
  }

  /** A sum that was begun within one way began with the gradient that there was, if any. */
  private Presence present(Value value, Map<Value, Presence> presences) {
    Presence known = presences.get(value);
    return known != null
        ? known
        : gradients.containsKey(value) ? Presence.PRESENT : Presence.ABSENT;
  }

  /**
   * Ends the sums of values beside a branch or loop whose reversal is complete: they are the
   * values' gradients now.
   *
   * @param layouts how backward gets at the layout of a value whose gradient is zero
   */
  void close(Place place, SourcePosition position, BiFunction<Place, Value, Input> layouts) {
    for (Map.Entry<Value, Value> sum : List.copyOf(sums.entrySet())) {
      Value value = sum.getKey();
      if (here(value)) {
        if (saves.gaps().contains(new Gaps.Gap(place, value))) {
          Expression filled = Inserted.orZeros(sum.getValue(), layouts.apply(place, value));
          compute(sum.getValue(), filled, activity.of(value), value, position);
        }
        gradients.put(value, sum.getValue());
        sums.remove(value);
        presence.remove(value);
      }
    }
  }

  /**
   * The gradients of an array's elements: an array of its own, which begins empty with the last
   * reader.
   */
  Value slots(Value array, SourcePosition position) {
    Value known = slots.get(array);
    if (known != null) {
      return known;
    }
    Value made = names.array(Names.gradientOf(array.name()));
    slots.put(array, made);
    Expression empty = new Expression.NewArray(List.of());
    program(saves.regions().home(array))
        .add(
            new Step.Compute(
                made, empty, false, Need.ALWAYS, Need.ALWAYS, remark(array, position)));
    return made;
  }

  /** The gradient of a value whose readers are all behind. */
  Value of(Value value) {
    Value gradient = gradients.get(value);
    if (gradient == null) {
      throw new IllegalStateException("no gradient of '" + value.name() + "'");
    }
    return gradient;
  }

  /** The gradient of a value, which is made of zeros where nothing has read the value. */
  Value ofOrZeros(
      Place place, Value value, SourcePosition position, BiFunction<Place, Value, Input> layouts) {
    if (!saves.gaps().contains(new Gaps.Gap(place, value))) {
      return of(value);
    }
    Value zeros = names.value(Names.gradientOf(value.name()));
    compute(
        zeros, Inserted.zeros(layouts.apply(place, value)), activity.of(value), value, position);
    gradients.put(value, zeros);
    return zeros;
  }

  /** Where the last gradient that was added to a value's comes from. */
  Optional<String> source(Value value) {
    return Optional.ofNullable(sources.get(value));
  }

  /** The gradient of an input, owned: where it is {@code dy} itself, a share of that. */
  Value result(Place begin, Value input, BiFunction<Place, Value, Input> layouts) {
    Value gradient = ofOrZeros(begin, input, function.resultPosition(), layouts);
    if (!gradient.equals(dy)) {
      return gradient;
    }
    Value share = names.value(Names.gradientOf(input.name()));
    var expression = new Expression.Share(dy);
    compute(share, expression, activity.of(input), input, function.resultPosition());
    return share;
  }

  /** Hands the gradient of a joined or carried value on to one that it may have come from. */
  void pass(Node.Operand source, Value gradient, SourcePosition position) {
    boolean here =
        source instanceof Node.Operand.OfValue(Value value)
            && here(value)
            && !activity.of(value).depends()
            && !activity.of(value).never();
    if (here && source instanceof Node.Operand.OfValue(Value value)) {
      sum(value, gradient, position);
    } else if (!activity.of(source).never()) {
      add(source, new Expression.Share(gradient), position + " return", position);
    }
  }

  /**
   * What a method that can add to it is given as the sum of the gradients before: it gives it up,
   * and {@link #replace} takes the new one.
   */
  Input sum(Node.Operand operand) {
    return switch (operand) {
      case Node.Operand.OfParameter(var parameter, _) ->
          new Input.SumOf(parameter, Optional.empty());
      case Node.Operand.OfValue(Value value) when here(value) -> {
        Value before = gradients.get(value);
        yield before == null
            ? sumBehind(value)
            : before.equals(dy) ? new Input.NoSum() : new Input.Sum(before); // dy is the caller's
      }
      default -> new Input.NoSum();
    };
  }

  /** The sum of the parameter that a value without a gradient is a view or an element of. */
  private Input sumBehind(Value value) {
    Node.Apply view = saves.views().get(value);
    if (view == null || gradients.containsKey(value)) {
      return new Input.NoSum();
    }
    List<Input> others = view.operands().stream().skip(1).map(SavedReads::input).toList();
    boolean element = view.callee() instanceof Node.Callee.OfElement;
    Input behind =
        switch (view.operands().getFirst()) {
          case Node.Operand.OfParameter(var parameter, _) ->
              new Input.SumOf(
                  parameter, element ? Optional.of(others.getFirst()) : Optional.empty());
          case Node.Operand.OfValue(Value base) -> sumBehind(base);
          case Node.Operand.OfPlain _ -> new Input.NoSum();
        };
    return switch (view.callee()) {
      case Node.Callee.OfElement _ -> behind;
      case Node.Callee.OfOperation(OperationModel operation)
          when operation.viewsSums() && !(behind instanceof Input.NoSum) ->
          new Input.ViewOfSum(
              new Expression.Operation(operation.owner(), operation.name(), others)
                  .addedTo(behind));
      default -> new Input.NoSum();
    };
  }

  /** The sum of a value's gradients, of which the one before was given up. */
  void replace(Value value, Expression sum, String source, SourcePosition position) {
    sources.put(value, source);
    name(value);
    Value total = sumName(value);
    gradients.put(value, total);
    compute(total, sum, activity.of(value), value, position);
  }

  /**
   * Adds the gradient of an operand by a method that can add it to the sum of those before: in the
   * sum's own memory, without one for itself.
   */
  void addTo(
      Node.Operand operand, Expression.Gradient gradient, String source, SourcePosition position) {
    Input sum = sum(operand);
    if (sum instanceof Input.SumOf || sum instanceof Input.ViewOfSum) {
      add(operand, gradient.addedTo(sum), source, position);
    } else if (sum instanceof Input.Sum && operand instanceof Node.Operand.OfValue(Value value)) {
      replace(value, gradient.addedTo(sum), source, position);
    } else if (operand instanceof Node.Operand.OfValue(Value value) && !here(value)) {
      sources.put(value, source);
      addOutside(value, gradient, true, activity.of(value), position);
    } else {
      add(operand, gradient, source, position);
    }
  }

  private boolean here(Value value) {
    return saves.regions().home(value) == body;
  }

  /** Adds the gradient of an operand, computed where it is needed. */
  void add(Node.Operand operand, Expression expression, String source, SourcePosition position) {
    add(operand, expression, activity.of(operand), source, position);
  }

  /**
   * Adds the gradient of an operand, computed where {@code need} holds, there where it is needed.
   */
  void add(
      Node.Operand operand,
      Expression expression,
      Need need,
      String source,
      SourcePosition position) {
    switch (operand) {
      case Node.Operand.OfParameter parameter ->
          accumulate(parameter, Optional.empty(), expression, source, position);
      case Node.Operand.OfPlain plain -> {}
      case Node.Operand.OfValue(Value value) -> {
        sources.put(value, source);
        if (here(value)) {
          Value gradient = name(value);
          compute(gradient, expression, need, value, position);
          sum(value, gradient, position);
        } else {
          addOutside(value, expression, false, need, position);
        }
      }
    }
  }

  private void addOutside(
      Value value, Expression expression, boolean adds, Need need, SourcePosition position) {
    int home = saves.regions().home(value);
    boolean inLoop = saves.regions().isLoopBetween(body, home);
    Value sum = sums.computeIfAbsent(value, v -> declareSum(v, home, position));
    Presence before = present(value, presence);
    presence.put(value, before.added(inLoop));
    if (before == Presence.ABSENT && !inLoop) {
      compute(sum, expression, need, value, position);
    } else {
      steps().add(new Step.Plus(sum, expression, adds, need, remark(value, position)));
    }
  }

  /** In the program of the value's own body, where the branch or loop is yet to be added. */
  private Value declareSum(Value value, int home, SourcePosition position) {
    Value before = gradients.get(value);
    Value sum = name(value);
    if (before == null) {
      program(home).add(new Step.Declare(sum, activity.of(value), true));
      return sum;
    }
    Value total = sumName(value);
    Need need = activity.of(value);
    program(home)
        .add(
            new Step.Compute(
                total, new Expression.Share(before), false, need, need, remark(value, position)));
    return total;
  }

  private void sum(Value value, Value gradient, SourcePosition position) {
    Value before = gradients.put(value, gradient);
    if (before == null) {
      return;
    }
    Value total = sumName(value);
    gradients.put(value, total);
    compute(total, Inserted.plus(before, gradient), activity.of(value), value, position);
  }

  /**
   * Adds the gradient of a parameter, which may be one of several: the element at an index or key.
   */
  void accumulate(
      Node.Operand.OfParameter operand,
      Optional<Input> element,
      Expression expression,
      String source,
      SourcePosition position) {
    steps().add(new Step.Accumulate(operand.parameter(), element, expression, source));
  }

  private void compute(
      Value result, Expression expression, Need need, Value of, SourcePosition position) {
    steps()
        .add(
            new Step.Compute(
                result, expression, false, need, activity.of(of), remark(of, position)));
  }

  private Step.Remark remark(Value value, SourcePosition position) {
    return Step.Remark.of(position, function.of(value));
  }

  /** {@code dx} where there is one reader; else {@code dx1}, {@code dx2}. */
  private Value name(Value value) {
    String gradient = Names.gradientOf(value.name());
    if (readers(value) <= 1) {
      return names.value(gradient);
    }
    String numbers = summed.merge(value, "1", (before, one) -> before + (before.length() + 1));
    return names.value(numbered(gradient, Integer.toString(numbers.length())));
  }

  /** {@code dx} for the last sum, {@code dx12} for one before it. */
  private Value sumName(Value value) {
    String gradient = Names.gradientOf(value.name());
    String numbers = summed.getOrDefault(value, "");
    boolean last = readers(value) == numbers.length();
    return names.value(last ? gradient : numbered(gradient, numbers));
  }

  private static String numbered(String name, String number) {
    boolean endsInDigit = Character.isDigit(name.charAt(name.length() - 1));
    return endsInDigit ? name + "_" + number : name + number;
  }
}
