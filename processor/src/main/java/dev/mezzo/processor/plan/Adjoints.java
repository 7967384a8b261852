package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The gradients of a function's values while backward is planned. A value that is read more than
 * once has a gradient from each reader; they add up as they come. Parameters' go to their weights.
 */
final class Adjoints {
  private final TypedFunction function;
  private final Activity activity;
  private final Names names;
  private final Predicate<ParameterModel> hasShadow;
  private final Map<Value, Value> gradients = new HashMap<>();
  private final Map<Value, Integer> readers = new HashMap<>();
  private final Map<Value, String> summed = new HashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final Value dy;

  /**
   * @param hasShadow whether a parameter's gradient is in half because its forward value is, mostly
   */
  Adjoints(
      TypedFunction function,
      Activity activity,
      Names names,
      Predicate<ParameterModel> hasShadow,
      Value dy) {
    this.function = function;
    this.activity = activity;
    this.names = names;
    this.hasShadow = hasShadow;
    this.dy = dy;
    for (Node node : function.nodes()) {
      if (!activity.of(node).never()) {
        count(node);
      }
    }
    switch (function.result()) {
      case Node.Operand.OfValue(Value value) -> gradients.put(value, dy);
      case Node.Operand.OfParameter result ->
          accumulate(
              result,
              new Expression.Retained(new Input.Variable(dy)),
              function.resultPosition() + " return",
              function.resultPosition());
      case Node.Operand.OfPlain plain -> {}
    }
  }

  private void count(Node node) {
    for (int i = 0; i < node.operands().size(); i++) {
      if (node.differentiable().get(i)
          && node.operands().get(i) instanceof Node.Operand.OfValue(Value value)
          && !activity.of(value).never()) {
        readers.merge(value, 1, Integer::sum);
      }
    }
  }

  /** The program so far; planners add to it. */
  List<Step> steps() {
    return steps;
  }

  /** The gradient of a value whose readers are all behind. */
  Value of(Value value) {
    Value gradient = gradients.get(value);
    if (gradient == null) {
      throw new IllegalStateException("no gradient of '" + value.name() + "'");
    }
    return gradient;
  }

  /** The gradient of an input, owned: where it is {@code dy} itself, a share of that. */
  Value result(Value input) {
    if (!of(input).equals(dy)) {
      return of(input);
    }
    Value share = names.value(Names.gradientOf(input.name()));
    var expression = new Expression.Retained(new Input.Variable(dy));
    compute(share, expression, activity.of(input), input, function.resultPosition());
    return share;
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
          accumulate(parameter, expression, source, position);
      case Node.Operand.OfPlain plain -> {}
      case Node.Operand.OfValue(Value value) -> {
        Value gradient = name(value);
        compute(gradient, expression, need, value, position);
        sum(value, gradient, position);
      }
    }
  }

  private void sum(Value value, Value gradient, SourcePosition position) {
    Value before = gradients.put(value, gradient);
    if (before == null) {
      return;
    }
    Value total = sumName(value);
    gradients.put(value, total);
    compute(total, Inserted.add(before, gradient), activity.of(value), value, position);
  }

  private void accumulate(
      Node.Operand.OfParameter operand,
      Expression expression,
      String source,
      SourcePosition position) {
    ParameterModel parameter = operand.parameter();
    if (operand.precision() == Precision.FULL && hasShadow.test(parameter)) {
      Value gradient = names.value(Names.gradientOf(parameter.name()));
      var remark = Step.Remark.of(position, Precision.FULL);
      steps.add(new Step.Compute(gradient, expression, false, Need.ALWAYS, Need.ALWAYS, remark));
      Expression half = Inserted.cast(new Input.Variable(gradient), Precision.HALF);
      steps.add(new Step.Accumulate(parameter, half, source));
    } else {
      steps.add(new Step.Accumulate(parameter, expression, source));
    }
  }

  private void compute(
      Value result, Expression expression, Need need, Value of, SourcePosition position) {
    var remark = Step.Remark.of(position, function.of(of));
    steps.add(new Step.Compute(result, expression, false, need, activity.of(of), remark));
  }

  /** {@code dx} where there is one reader; else {@code dx1}, {@code dx2}. */
  private Value name(Value value) {
    String gradient = Names.gradientOf(value.name());
    if (readers.getOrDefault(value, 1) == 1) {
      return names.value(gradient);
    }
    String numbers = summed.merge(value, "1", (before, one) -> before + (before.length() + 1));
    return names.value(numbered(gradient, Integer.toString(numbers.length())));
  }

  /** {@code dx} for the last sum, {@code dx12} for one before it. */
  private Value sumName(Value value) {
    String gradient = Names.gradientOf(value.name());
    String numbers = summed.getOrDefault(value, "");
    boolean last = readers.getOrDefault(value, 1) == numbers.length();
    return names.value(last ? gradient : numbered(gradient, numbers));
  }

  private static String numbered(String name, String number) {
    boolean endsInDigit = Character.isDigit(name.charAt(name.length() - 1));
    return endsInDigit ? name + "_" + number : name + number;
  }
}
