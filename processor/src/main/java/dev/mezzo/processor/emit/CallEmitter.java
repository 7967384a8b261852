package dev.mezzo.processor.emit;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.plan.Expression;
import dev.mezzo.processor.plan.FunctionPlan;
import dev.mezzo.processor.plan.Input;
import dev.mezzo.processor.plan.Need;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Writes calls and what they are given. */
final class CallEmitter {
  private static final Pattern MODEL = Pattern.compile("(?<![\\w.$])model(?=\\s*\\.)");

  private final Scope scope;
  private final FunctionPlan function;
  private final Map<Integer, String> flags = new HashMap<>();

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
  CodeBlock call(Expression expression) {
    return switch (expression) {
      case Expression.Operation(var owner, var name, var inputs) ->
          CodeBlock.of("$L($L)", operation(Types.of(owner), name), inputs(inputs));
      case Expression.LayerForward(var layer, var inputs) ->
          CodeBlock.of("$L.forward($L)", receiver(layer), inputs(inputs));
      case Expression.LayerBackward(var layer, var inputs) ->
          CodeBlock.of("$L.backward($L)", receiver(layer), inputs(inputs));
      case Expression.FunctionForward(var name, var inputs) ->
          CodeBlock.of("$L($L)", scope.forward(name), inputs(inputs));
      case Expression.FunctionBackward(var name, var inputs) ->
          CodeBlock.of("$L($L)", scope.backward(name), inputs(inputs));
      case Expression.Element(var array, int index) -> CodeBlock.of("$L[$L]", array.name(), index);
      case Expression.Retained(var input) -> CodeBlock.of("$L.retain()", input(input));
    };
  }

  /** {@code relu}, where it is imported; else {@code Ops.relu}. */
  private CodeBlock operation(ClassName owner, String name) {
    // JavaPoet knows a static import only where the member stands in the format.
    return scope.isImported(owner, name)
        ? CodeBlock.of("$T." + name.replace("$", "$$"), owner)
        : CodeBlock.of("$T.$L", owner, name);
  }

  /** {@code hidden}, {@code blocks.get(i)}. */
  private CodeBlock receiver(Expression.Receiver layer) {
    String field = field(layer.field().name());
    return layer
        .element()
        .map(element -> CodeBlock.of("$L.get($L)", field, input(element)))
        .orElseGet(() -> CodeBlock.of("$L", field));
  }

  private CodeBlock inputs(List<Input> inputs) {
    return inputs.stream().map(this::input).collect(CodeBlock.joining(", "));
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
  CodeBlock input(Input input) {
    return switch (input) {
      case Input.Variable(var value) -> CodeBlock.of("$L", value.name());
      case Input.OfParameter(var parameter, Precision precision) ->
          CodeBlock.of(
              "$L.$L()", field(parameter.name()), precision == Precision.FULL ? "full" : "half");
      case Input.LayoutOf(var tensor) -> CodeBlock.of("$L.layout()", input(tensor));
      case Input.Code(var plain) -> code(plain);
      case Input.Tape(boolean unsaved) ->
          CodeBlock.of(unsaved ? "$L.unsaved()" : "$L", function.tape());
      case Input.Type(Precision precision) ->
          precision == Precision.FULL
              ? CodeBlock.of("$T.FP32", Types.DTYPE)
              : CodeBlock.of("$L", field(scope.halfField()));
      case Input.Wanted(Need need) -> CodeBlock.of("$L", wanted(need));
      case Input.Nothing nothing -> CodeBlock.of("null");
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
  CodeBlock code(Argument.Plain plain) {
    String model = field(scope.modelField());
    return CodeBlock.of(
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
