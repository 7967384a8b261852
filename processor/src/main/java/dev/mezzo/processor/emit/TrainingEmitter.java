package dev.mezzo.processor.emit;

import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.LossScaling;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.LayerPlan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.element.Modifier;

/** Writes what a training class has besides forward and backward of its loss. */
final class TrainingEmitter {
  private static final String LOSS_SCALE = "LOSS_SCALE";

  private final LayerPlan plan;
  private final Scope scope;
  private final Set<String> formats;
  private final List<Formal> formals;
  private final String arguments;

  TrainingEmitter(LayerPlan plan, Scope scope, Set<String> formats) {
    this.formats = formats;
    this.plan = plan;
    this.scope = scope;
    this.formals = plan.entry().source().formals();
    String given = MethodEmitter.arguments(formals);
    this.arguments = given.isEmpty() ? "" : ", " + given;
  }

  List<MethodSpec> methods() {
    List<MethodSpec> methods = new ArrayList<>(List.of(training()));
    for (SubLayerModel subLayer : plan.layer().subLayers()) {
      methods.add(accessor(subLayer));
    }
    methods.add(step());
    methods.add(start());
    methods.add(accumulate());
    methods.add(evaluate());
    return methods;
  }

  /**
   * <pre>{@code
   * private static final LossScale LOSS_SCALE = new LossScale(65536f, 2f, 0.5f, 2000, 1f, 16777216f, 1, 0, 0);
   * private static final LossScale LOSS_SCALE = LossScale.fixed(1024f);
   * private static final LossScale LOSS_SCALE = LossScale.none();
   * }</pre>
   */
  static FieldSpec lossScale(LossScaling s) {
    CodeBlock value =
        switch (s.scaling()) {
          case NONE -> CodeBlock.of("$T.none()", Types.LOSS_SCALE);
          case STATIC -> CodeBlock.of("$T.fixed($L)", Types.LOSS_SCALE, number(s.initial()));
          case DYNAMIC ->
              CodeBlock.of(
                  "new $T($L, $L, $L, $L, $L, $L, $L, 0, 0)",
                  Types.LOSS_SCALE,
                  number(s.initial()),
                  number(s.growth()),
                  number(s.backoff()),
                  s.interval(),
                  number(s.floor()),
                  number(s.ceiling()),
                  s.hysteresis());
        };
    return FieldSpec.builder(
            Types.LOSS_SCALE, LOSS_SCALE, Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
        .initializer(value)
        .build();
  }

  /** {@code 65536f}, {@code 0.5f}. */
  private static String number(float value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e9f;
    return (whole ? Long.toString((long) value) : Float.toString(value)) + "f";
  }

  /**
   * <pre>{@code
   * public static TrainingBuilder<MixedClassifier> training(Classifier model) {
   *   return new TrainingBuilder<>(LOSS_SCALE, settings -> new MixedClassifier(model, settings));
   * }
   * }</pre>
   */
  private MethodSpec training() {
    TypeName own = Types.of(plan.layer().type().mixed());
    return visible("training", ParameterizedTypeName.get(Types.BUILDER, own))
        .addModifiers(Modifier.STATIC)
        .addJavadoc("Sets up a training of the model, which it changes.\n")
        .addParameter(Types.model(plan.layer()), "model")
        .addStatement(
            "return new $T<>($L, settings -> new $T(model, settings))$L",
            Types.BUILDER,
            LOSS_SCALE,
            own,
            formats.isEmpty() ? CodeBlock.of("") : allowed())
        .build();
  }

  /** {@code .formats(HalfFormat.BF16)}. */
  private CodeBlock allowed() {
    return formats.stream()
        .map(format -> CodeBlock.of("$T.$L", Types.HALF_FORMAT, format))
        .collect(CodeBlock.joining(", ", ".formats(", ")"));
  }

  /**
   * <pre>{@code
   * public MixedMlp net() {
   *   return net;
   * }
   * }</pre>
   */
  private MethodSpec accessor(SubLayerModel subLayer) {
    String name = scope.accessors().getOrDefault(subLayer.name(), subLayer.name());
    return visible(name, Types.form(subLayer))
        .addJavadoc("The mixed precision form of {@code $L}, for inference.\n", subLayer.name())
        .addStatement("return $L", subLayer.name())
        .build();
  }

  /**
   * <pre>{@code
   * public StepResult step(Tensor images, Tensor labels) {
   *   return step(tape -> {
   *     Tensor loss = loss(tape, images, labels);
   *     backward(tape, lossScale(loss));
   *     return loss;
   *   });
   * }
   * }</pre>
   */
  private MethodSpec step() {
    MethodSpec.Builder method =
        visible("step", Types.STEP_RESULT)
            .addJavadoc(
                "Forward, backward of the scaled loss, update. The arguments are borrowed.\n");
    return pass(method, "return step", List.of());
  }

  /** {@code public PendingStep start(Tensor images, Tensor labels)}, with the same pass. */
  private MethodSpec start() {
    MethodSpec.Builder method =
        visible("start", Types.PENDING_STEP)
            .addJavadoc("A {@code step} that is not waited for: its result is read later.\n");
    return pass(method, "return start", tensors());
  }

  /** {@code public void accumulate(Tensor images, Tensor labels)}, with the same pass. */
  private MethodSpec accumulate() {
    MethodSpec.Builder method =
        visible("accumulate", TypeName.VOID)
            .addJavadoc(
                "Forward and backward of a micro-batch: the next {@code step} updates by the mean of"
                    + " its gradients and these.\n");
    return pass(method, "accumulate", tensors());
  }

  /** What is kept, so that the pass can be run again. */
  private List<String> tensors() {
    return formals.stream()
        .filter(Formal.OfTensor.class::isInstance)
        .map(formal -> ((Formal.OfTensor) formal).value().name())
        .toList();
  }

  private MethodSpec pass(MethodSpec.Builder method, String call, List<String> more) {
    Set<String> taken = names();
    String tape = Scope.unique("tape", taken);
    String loss = Scope.unique("loss", taken);
    formals.forEach(formal -> method.addParameter(MethodEmitter.formal(formal)));
    CodeBlock.Builder pass = CodeBlock.builder().add("$L($L -> {\n$>", call, tape);
    pass.addStatement("$T $L = $L($L$L)", Types.TENSOR, loss, entry(), tape, arguments);
    if (plan.entry().backward().isPresent()) {
      pass.addStatement("backward($L, lossScale($L))", tape, loss);
    }
    String rest = more.stream().map(name -> ", " + name).collect(Collectors.joining());
    pass.addStatement("return $L", loss).add("$<}$L);\n", rest);
    return method.addCode(pass.build()).build();
  }

  /**
   * <pre>{@code
   * public float evaluate(Tensor images, Tensor labels) {
   *   return value(loss(Tape.inference(), images, labels));
   * }
   * }</pre>
   */
  private MethodSpec evaluate() {
    MethodSpec.Builder method =
        visible("evaluate", TypeName.FLOAT)
            .addJavadoc("The loss, without backward; dropout keeps everything.\n");
    formals.forEach(formal -> method.addParameter(MethodEmitter.formal(formal)));
    return method
        .addStatement("return value($L($T.inference()$L))", entry(), Types.TAPE, arguments)
        .build();
  }

  private String entry() {
    return scope.forward(plan.entry().source().name());
  }

  private MethodSpec.Builder visible(String name, TypeName result) {
    MethodSpec.Builder method = MethodSpec.methodBuilder(name).returns(result);
    return plan.layer().isPublic() ? method.addModifiers(Modifier.PUBLIC) : method;
  }

  private Set<String> names() {
    Set<String> names = new HashSet<>();
    for (Formal formal : formals) {
      names.add(
          switch (formal) {
            case Formal.OfTensor(Value value) -> value.name();
            case Formal.OfPlain(var type, String name) -> name;
          });
    }
    return names;
  }
}
