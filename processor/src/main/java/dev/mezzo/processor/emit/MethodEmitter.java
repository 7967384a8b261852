package dev.mezzo.processor.emit;

import com.palantir.javapoet.ArrayTypeName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterSpec;
import com.palantir.javapoet.TypeName;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.FunctionPlan;
import dev.mezzo.processor.plan.Step;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.lang.model.element.Modifier;

/** Writes the methods that a function becomes: its forward and its backward. */
final class MethodEmitter {
  static final String INFERENCE_DOC =
      "Forward alone: nothing is saved, dropout keeps everything.\n";
  private static final String FINISH_DOC =
      "What {@code $L} does to the result comes before the one rounding.\n";
  static final String FORWARD_DOC =
      "Forward; what backward reads stays on the tape. The arguments are borrowed, the caller owns the result.\n";

  private final Scope scope;
  private final FunctionPlan function;
  private final CallEmitter calls;
  private final boolean implementing;

  /**
   * @param implementing whether the class implements the mixed form of an interface
   */
  MethodEmitter(Scope scope, FunctionPlan function, boolean implementing) {
    this.scope = scope;
    this.implementing = implementing;
    this.function = function;
    this.calls = new CallEmitter(scope, function);
  }

  /**
   * <pre>{@code
   * public Tensor forward(Tensor x) {
   *   return forward(Tape.inference(), x);
   * }
   * }</pre>
   */
  MethodSpec inference() {
    MethodSpec.Builder method = MethodSpec.methodBuilder("forward");
    method.addModifiers(Modifier.PUBLIC).returns(resultType());
    method.addJavadoc(INFERENCE_DOC);
    overriding(method, true);
    formals(method);
    String arguments = arguments(function.source().formals());
    String separator = arguments.isEmpty() ? "" : ", ";
    return method
        .addStatement("return forward($T.inference()$L$L)", Types.TAPE, separator, arguments)
        .build();
  }

  /**
   * <pre>{@code
   * public Tensor forward(Tape tape, Tensor x) {
   *   Tensor y = linear(x, weight.half(), bias.half()); // Linear.java:31  half
   *   tape.save(x); // linear's weight gradient reads it
   *   return y;
   * }
   * }</pre>
   */
  MethodSpec forward(boolean isPublic) {
    String name = scope.forward(function.source().name());
    MethodSpec.Builder method = MethodSpec.methodBuilder(name).returns(resultType());
    method.addModifiers(isPublic ? Modifier.PUBLIC : Modifier.PRIVATE);
    if (isPublic) {
      method.addJavadoc(FORWARD_DOC);
      function.finish().ifPresent(finish -> method.addJavadoc(FINISH_DOC, finish));
    }
    method.addParameter(Types.TAPE, function.tape());
    function.finish().ifPresent(finish -> method.addParameter(Types.FINISH, finish));
    formals(method);
    overriding(method, isPublic && function.finish().isEmpty());
    return method.addCode(body(function.forward())).build();
  }

  /**
   * The same for callers that do nothing to the result.
   *
   * <pre>{@code
   * public Tensor forward(Tape tape, Tensor x) {
   *   return forward(tape, Finish.none(), x);
   * }
   * }</pre>
   */
  MethodSpec unfinished() {
    MethodSpec.Builder method = MethodSpec.methodBuilder("forward");
    method.addModifiers(Modifier.PUBLIC).returns(resultType());
    method.addJavadoc("The same, which leaves the result as it is.\n");
    method.addParameter(Types.TAPE, function.tape());
    formals(method);
    overriding(method, true);
    String arguments = arguments(function.source().formals());
    String separator = arguments.isEmpty() ? "" : ", ";
    return method
        .addStatement(
            "return forward($L, $T.none()$L$L)",
            function.tape(),
            Types.FINISH,
            separator,
            arguments)
        .build();
  }

  /**
   * <pre>{@code
   * public Tensor backward(Tape tape, Tensor dy, boolean wantDx) {
   *   Tensor x = tape.restoreTensor();
   *   weight.accumulate(linearGradientWeight(dy, x), "Linear.java:31 linear");
   *   Tensor dx = wantDx ? linearGradientX(dy, weight.half(), x.layout()) : null; // Linear.java:31  half
   *   x.close();
   *   return dx;
   * }
   * }</pre>
   */
  MethodSpec backward(FunctionPlan.Backward backward, boolean isPublic) {
    String name = scope.backward(function.source().name());
    MethodSpec.Builder method = MethodSpec.methodBuilder(name);
    method.addModifiers(isPublic ? Modifier.PUBLIC : Modifier.PRIVATE);
    method.returns(result(backward));
    if (isPublic) {
      method.addJavadoc("$L", backwardDoc(backward));
    }
    method.addParameter(Types.TAPE, function.tape());
    method.addParameter(
        backward.dy().several() ? Types.TENSOR_ARRAY : Types.TENSOR, backward.dy().name());
    backward.flags().forEach(flag -> method.addParameter(TypeName.BOOLEAN, flag.name()));
    overriding(method, isPublic);
    return method.addCode(body(backward.steps())).build();
  }

  /**
   * The same for callers that know the class, and so that some inputs have no gradient.
   *
   * <pre>{@code
   * public void backward(Tape tape, Tensor dy) {
   *   backward(tape, dy, false);
   * }
   * }</pre>
   *
   * @param differentiable which of the inputs have one
   */
  MethodSpec backwardOfClass(FunctionPlan.Backward backward, List<Boolean> differentiable) {
    List<FunctionPlan.Flag> flags = backward.flags();
    List<Integer> own =
        IntStream.range(0, flags.size()).filter(differentiable::get).boxed().toList();
    String dy = backward.dy().name();
    MethodSpec.Builder method =
        MethodSpec.methodBuilder("backward")
            .addModifiers(Modifier.PUBLIC)
            .returns(result(own.size()))
            .addJavadoc("The same where the class is known: the other inputs have no gradient.\n")
            .addParameter(Types.TAPE, function.tape())
            .addParameter(backward.dy().several() ? Types.TENSOR_ARRAY : Types.TENSOR, dy);
    own.forEach(i -> method.addParameter(TypeName.BOOLEAN, flags.get(i).name()));
    String wanted =
        IntStream.range(0, flags.size())
            .mapToObj(i -> differentiable.get(i) ? flags.get(i).name() : "false")
            .collect(Collectors.joining(", "));
    CodeBlock call = CodeBlock.of("backward($L, $L, $L)", function.tape(), dy, wanted);
    return switch (own.size()) {
      case 0 -> method.addStatement(call).build();
      case 1 -> method.addStatement("return $L[$L]", call, own.getFirst()).build();
      default ->
          method
              .addStatement("$T[] all = $L", Types.TENSOR, call)
              .addStatement(
                  "return new $T[] {$L}",
                  Types.TENSOR,
                  own.stream().map(i -> "all[" + i + "]").collect(Collectors.joining(", ")))
              .build();
    };
  }

  /** A record of tensors is an array of its components here. */
  private TypeName resultType() {
    boolean several =
        function.source().body().statements().stream()
            .anyMatch(
                statement ->
                    statement
                            instanceof Statement.Return(Argument.OfValue(Value value, var _), var _)
                        && value.several());
    return several ? Types.TENSOR_ARRAY : Types.TENSOR;
  }

  private CodeBlock body(List<Step> steps) {
    return scope.bodies().place(StepEmitter.emit(steps, calls, function.tape()));
  }

  private void overriding(MethodSpec.Builder method, boolean isPublic) {
    if (isPublic && implementing) {
      method.addAnnotation(Override.class);
    }
  }

  private static TypeName result(FunctionPlan.Backward backward) {
    return result(backward.returned().size());
  }

  /** What a backward returns: the gradients of so many inputs. */
  static TypeName result(int inputs) {
    return switch (inputs) {
      case 0 -> TypeName.VOID;
      case 1 -> Types.TENSOR;
      default -> ArrayTypeName.of(Types.TENSOR);
    };
  }

  private static String backwardDoc(FunctionPlan.Backward backward) {
    return backwardDoc(backward.dy().name(), backward.dy().several(), backward.returned());
  }

  static String backwardDoc(String dy, boolean several, List<Value> returned) {
    String begin =
        "Backward of the last forward on the tape; the weights' gradients add up. {@code "
            + dy
            + (several ? "} is emptied" : "} is borrowed");
    return switch (returned.size()) {
      case 0 -> begin + ".\n";
      case 1 ->
          begin
              + "; the caller\nowns the result, the gradient of {@code "
              + returned.getFirst().name()
              + "}, null where it is not wanted.\n";
      default ->
          begin
              + "; the caller\nowns the results, the gradients of "
              + returned.stream()
                  .map(input -> "{@code " + input.name() + "}")
                  .collect(Collectors.joining(", "))
              + ", null where they are not wanted.\n";
    };
  }

  private void formals(MethodSpec.Builder method) {
    function.source().formals().forEach(formal -> method.addParameter(formal(formal)));
  }

  static ParameterSpec formal(Formal formal) {
    return switch (formal) {
      case Formal.OfTensor(Value value) ->
          ParameterSpec.builder(Types.TENSOR, value.name()).build();
      case Formal.OfPlain(String type, String name) ->
          ParameterSpec.builder(PlainType.of(type), name).build();
    };
  }

  /** {@code x, labels}. */
  static String arguments(List<Formal> formals) {
    return formals.stream()
        .map(
            formal ->
                switch (formal) {
                  case Formal.OfTensor(Value value) -> value.name();
                  case Formal.OfPlain(var type, String name) -> name;
                })
        .collect(Collectors.joining(", "));
  }
}
