package dev.mezzo.processor.emit;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Expression;
import dev.mezzo.processor.plan.FunctionPlan;
import dev.mezzo.processor.plan.Input;
import dev.mezzo.processor.plan.Need;
import dev.mezzo.processor.plan.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes calls and what they are given. */
final class CallEmitter {
  private static final Pattern MODEL = Pattern.compile("(?<![\\w.$])model(?=\\s*\\.)");

  private final Scope scope;
  private final FunctionPlan function;
  private final Map<Integer, String> flags = new HashMap<>();
  private final Map<Value, Value> variables = new HashMap<>();

  CallEmitter(Scope scope, FunctionPlan function) {
    this.scope = scope;
    this.function = function;
    function
        .backward()
        .ifPresent(
            backward ->
                backward.flags().forEach(flag -> flags.put(flag.input().id(), flag.name())));
  }

  /**
   * <pre>{@code
   * relu(h)
   * hidden.forward(tape, x)
   * x.retain()
   * }</pre>
   */
  Code call(Expression expression) {
    return switch (expression) {
      case Expression.Operation(var owner, var name, var inputs) ->
          Code.of("$L($L)", operation(owner, name), inputs(inputs));
      case Expression.Fused fused -> fused(fused);
      case Expression.Components(var operation, var result) ->
          Code.of(
              "$T.owning($L, $L)",
              Types.TENSOR_ARRAY,
              call(operation),
              result.components().stream()
                  .map(component -> Code.of("$T::$L", Types.of(result.type()), component))
                  .collect(Code.joining(", ")));
      case Expression.LayerForward(var layer, var inputs) ->
          Code.of("$L.forward($L)", receiver(layer), inputs(inputs));
      case Expression.LayerBackward(var layer, var inputs) ->
          Code.of("$L.backward($L)", receiver(layer), inputs(inputs));
      case Expression.FunctionForward(var name, var inputs) ->
          Code.of("$L($L)", scope.forward(name), inputs(inputs));
      case Expression.FunctionBackward(var name, var inputs) ->
          Code.of("$L($L)", scope.backward(name), inputs(inputs));
      case Expression.Rerun(var forward) -> Code.of("$L.close()", call(forward));
      case Expression.NewArray(var inputs) -> newArray(inputs);
      case Expression.OnArray(var array, String method, var given) ->
          Code.of("$L.$L($L)", name(array), method, inputs(given));
      case Expression.Element(var array, int index) -> Code.of("$L[$L]", name(array), index);
      case Expression.Share(var input, boolean moved) ->
          Code.of(moved ? "$L" : "$L.retain()", input(input));
    };
  }

  /**
   * <pre>{@code
   * GATED.on(gate, up).reusing(up).as(half)
   * GATED_GRADIENT.with(factor).on(dy, gate).gradients(gate.layout(), wantDUp ? up.layout() : null)
   * GAINED_GRADIENT.on(dy, x).adding(gain.sum()).gradient(gain.half().layout())
   * }</pre>
   */
  private Code fused(Expression.Fused fused) {
    String dead = fused.givenUp().stream().map(this::name).collect(Collectors.joining(", "));
    Code on =
        Code.of(
            dead.isEmpty() ? "$L.on($L)" : "$L.on($L).reusing($L)",
            bound(fused),
            inputs(fused.tensors()),
            dead);
    if (fused.type().isPresent()) {
      return Code.of("$L.as($L)", on, input(fused.type().get()));
    }
    List<Code> layouts = new ArrayList<>();
    for (int i = 0; i < fused.layouts().size(); i++) {
      Code layout = input(fused.layouts().get(i));
      Need need = fused.wanted().get(i);
      layouts.add(need.depends() ? Code.of("$L ? $L : null", wanted(need), layout) : layout);
    }
    return Code.of(
        layouts.size() == 1 ? "$L.gradient($L)" : "$L.gradients($L)",
        fused.sums().isEmpty() ? on : Code.of("$L.adding($L)", on, inputs(fused.sums())),
        layouts.stream().collect(Code.joining(", ")));
  }

  /** {@code GATED}, {@code GATED.with(factor)}. */
  private Code bound(Expression.Fused fused) {
    return fused.numbers().isEmpty()
        ? new Code(fused.constant())
        : Code.of("$L.with($L)", fused.constant(), inputs(fused.numbers()));
  }

  /** {@code Y.finish(residual)}. */
  Code finish(Expression.Fused fused) {
    return Code.of("$L.finish($L)", bound(fused), inputs(fused.tensors()));
  }

  /** {@code new TensorArray(n)}, {@code TensorArray.of(a, b)}. */
  private Code newArray(List<Input> inputs) {
    if (inputs.isEmpty()) {
      return Code.of("new $T(0)", Types.TENSOR_ARRAY);
    }
    return inputs.getFirst() instanceof Input.Code
        ? Code.of("new $T($L)", Types.TENSOR_ARRAY, inputs(inputs))
        : Code.of("$T.of($L)", Types.TENSOR_ARRAY, inputs(inputs));
  }

  /** {@code check(relu(h), "Mlp.java:9 relu")}, where that is asked for; else {@code relu(h)}. */
  Code checked(Expression expression, String place) {
    Code call = call(expression);
    boolean isTensor =
        switch (expression) {
          case Expression.Operation _, Expression.Element _ -> true;
          case Expression.Fused fused -> fused.layouts().size() < 2;
          default -> false;
        };
    return scope.checks() && isTensor
        ? Code.of("$T.check($L, $S)", Types.FINITE, call, place)
        : call;
  }

  /** Tensors that are called as others, whose variables they take over. */
  void rename(Map<Value, Value> names) {
    variables.putAll(names);
  }

  /** The variable that holds a value. */
  String name(Value value) {
    Value variable = value;
    while (variables.containsKey(variable)) {
      variable = variables.getOrDefault(variable, variable);
    }
    return variable.name();
  }

  /** {@code plus(dx, reluGradient(dy, y))}, {@code linearGradientX(GradientSum.of(dx), …)}. */
  Code plus(Step.Plus step) {
    List<Expression> operations = step.operations();
    if (operations.getFirst() instanceof Expression.Operation(var owner, var name, var inputs)
        && operations.size() > 1) {
      return Code.of(
          "$L($L, $L)", operation(owner, name), inputs(inputs), call(operations.getLast()));
    }
    return call(operations.getFirst());
  }

  /** {@code relu}, where it is imported; else {@code Ops.relu}. */
  private Code operation(ClassName owner, String name) {
    return scope.isImported(owner, name) ? new Code(name) : Code.of("$T.$L", Types.of(owner), name);
  }

  /** {@code weight}, {@code gains.get(i)}. */
  Code weight(ParameterModel parameter, Optional<Input> element) {
    return of(parameter.name(), element);
  }

  /** {@code hidden}, {@code blocks.get(i)}. */
  private Code receiver(Expression.Receiver layer) {
    return of(layer.field().name(), layer.element());
  }

  private Code of(String name, Optional<Input> element) {
    String field = field(name);
    return element
        .map(at -> Code.of("$L.get($L)", field, input(at)))
        .orElseGet(() -> Code.of("$L", field));
  }

  private Code inputs(List<Input> inputs) {
    return inputs.stream().map(this::input).collect(Code.joining(", "));
  }

  /**
   * <pre>{@code
   * h
   * weight.half()
   * x.layout()
   * model.rate
   * wantA || wantB
   * }</pre>
   */
  Code input(Input input) {
    return switch (input) {
      case Input.Variable(var value) ->
          Code.of(value.several() ? "$L.toArray()" : "$L", name(value));
      case Input.Whole(var array) -> Code.of("$L", name(array));
      case Input.Again(var draws) -> Code.of("$L.again($L)", function.tape(), name(draws));
      case Input.Refilled _ -> Code.of("$L", function.tape());
      case Input.Filled(var array, var layouts) ->
          Code.of("$L.filled($L)", name(array), input(layouts));
      case Input.Sum(var soFar) -> Code.of("$T.of($L)", Types.GRADIENT_SUM, name(soFar));
      case Input.NoSum _ -> Code.of("$T.none()", Types.GRADIENT_SUM);
      case Input.SumOf(var parameter, var element) ->
          Code.of("$L.sum()", weight(parameter, element));
      case Input.ViewOfSum(var view) -> call(view);
      case Input.OfParameter(var parameter, var element, Precision precision) ->
          Code.of(
              "$L.$L()", weight(parameter, element), precision == Precision.FULL ? "full" : "half");
      case Input.LayoutOf(var tensor) -> Code.of("$L.layout()", input(tensor));
      case Input.Code(var plain) -> code(plain);
      case Input.Tape(boolean unsaved) -> Code.of(unsaved ? "$L.unsaved()" : "$L", function.tape());
      case Input.Type(Precision precision) ->
          precision == Precision.FULL
              ? Code.of("$T.FP32", Types.DTYPE)
              : Code.of("$L", field(scope.halfField()));
      case Input.Wanted(Need need) -> Code.of("$L", wanted(need));
      case Input.Finish(var fused, var variable) ->
          variable.map(value -> Code.of("$L", name(value))).orElseGet(() -> finish(fused));
      case Input.Handed(String name) -> new Code(name);
      case Input.Nothing nothing -> Code.of("null");
    };
  }

  /** {@code wantDx}; of several {@code wantDa || wantDb}. */
  String wanted(Need need) {
    if (!need.depends()) {
      return Boolean.toString(need.always());
    }
    return need.inputs().stream()
        .map(input -> flags.getOrDefault(input.id(), "true"))
        .collect(Collectors.joining(" || "));
  }

  /** {@code !wantDx}; of several {@code !(wantDa || wantDb)}. */
  String unwanted(Need need) {
    return need.inputs().size() == 1 ? "!" + wanted(need) : "!(" + wanted(need) + ")";
  }

  /**
   * The user's own code; where a variable is called {@code model}, the object is {@code
   * this.model}.
   */
  Code code(Argument.Plain plain) {
    String model = field(scope.modelField());
    return Code.of(
        "$L",
        plain.readsModel() && !model.equals("model")
            ? MODEL.matcher(plain.code()).replaceAll(Matcher.quoteReplacement(model))
            : plain.code());
  }

  /** {@code weight}; where a variable of the method hides it, {@code this.weight}. */
  String field(String name) {
    return function.locals().contains(name) ? "this." + name : name;
  }
}
