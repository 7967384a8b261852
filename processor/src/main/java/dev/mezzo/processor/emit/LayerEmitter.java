package dev.mezzo.processor.emit;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.CodeBlock;
import com.palantir.javapoet.FieldSpec;
import com.palantir.javapoet.MethodSpec;
import com.palantir.javapoet.TypeSpec;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.StateModel;
import dev.mezzo.processor.model.SubLayerModel;
import dev.mezzo.processor.plan.FunctionPlan;
import dev.mezzo.processor.plan.FusedPlan;
import dev.mezzo.processor.plan.LayerPlan;
import dev.mezzo.processor.plan.WeightPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.lang.model.element.Modifier;

/** Writes the class that a layer becomes. */
public final class LayerEmitter {
  private static final int FORMULA_WIDTH = 72;

  private final LayerPlan plan;
  private final LayerModel layer;
  private final Scope scope;
  private final boolean root;
  private final Set<String> formats;

  private LayerEmitter(LayerPlan plan, boolean checks, Set<String> formats) {
    this.plan = plan;
    this.layer = plan.layer();
    this.scope = new Scope(plan, checks);
    this.formats = formats;
    this.root = layer.lossScaling().isPresent();
  }

  /**
   * The generated class of a planned layer.
   *
   * @param checks whether what operations return is checked to be finite
   * @param formats the 16-bit formats that a training is held to; empty for all
   */
  public static GeneratedSource emit(LayerPlan plan, boolean checks, Set<String> formats) {
    return new LayerEmitter(plan, checks, formats).emit();
  }

  private GeneratedSource emit() {
    List<String> expressions =
        plan.fused().stream().flatMap(fused -> fused.marked().stream()).toList();
    return FormFile.write(layer.type(), type(), plan.signature(), scope, expressions);
  }

  private TypeSpec type() {
    TypeSpec.Builder type = TypeSpec.classBuilder(layer.type().mixed().name());
    if (layer.isPublic()) {
      type.addModifiers(Modifier.PUBLIC);
    }
    type.addModifiers(Modifier.FINAL)
        .addJavadoc(javadoc())
        .addAnnotation(FormFile.annotation(layer.type(), plan.signature()));
    type.addAnnotation(SourceLinesEmitter.annotation());
    if (root) {
      type.superclass(Types.TRAINING);
      type.addField(TrainingEmitter.lossScale(layer.lossScaling().orElseThrow()));
    }
    boolean implementing = !root && !layer.contracts().isEmpty();
    if (implementing) {
      layer.contracts().forEach(contract -> type.addSuperinterface(Types.of(contract.mixed())));
    }
    plan.fused().forEach(fused -> type.addField(constant(fused)));
    fields(type);
    type.addMethod(constructor());
    if (root) {
      new TrainingEmitter(plan, scope, formats).methods().forEach(type::addMethod);
    } else {
      type.addMethod(new MethodEmitter(scope, plan.entry(), implementing).inference());
    }
    for (FunctionPlan function : plan.functions()) {
      boolean isPublic = !root && function.equals(plan.entry());
      MethodEmitter methods = new MethodEmitter(scope, function, implementing);
      if (function.finish().isPresent()) {
        type.addMethod(methods.unfinished());
      }
      type.addMethod(methods.forward(isPublic));
      function
          .backward()
          .ifPresent(backward -> type.addMethod(methods.backward(backward, isPublic)));
    }
    List<Boolean> differentiable = plan.signature().differentiable();
    if (implementing && differentiable.contains(false)) {
      MethodEmitter methods = new MethodEmitter(scope, plan.entry(), true);
      plan.entry()
          .backward()
          .ifPresent(all -> type.addMethod(methods.backwardOfClass(all, differentiable)));
    }
    return type.build();
  }

  /** The class's own comment: {@code Mixed precision form of Mlp.}, what is saved, the table. */
  private CodeBlock javadoc() {
    String saved = TableEmitter.total(plan);
    return CodeBlock.builder()
        .add(
            root
                ? "Mixed precision training of {@link $T}.\n\n"
                : "Mixed precision form of {@link $T}.\n\n",
            Types.of(layer.type()))
        .add("<p>Saved for backward, besides what sub-layers save: $L.\n\n", saved)
        .add(scope.bodies().place(TableEmitter.emit(plan)))
        .build();
  }

  private void fields(TypeSpec.Builder type) {
    if (plan.usesHalf()) {
      type.addField(field(Types.DTYPE, scope.halfField()));
    }
    if (plan.usesModel()) {
      type.addField(field(Types.model(layer), scope.modelField()));
    }
    plan.weights()
        .forEach(w -> type.addField(field(Types.weight(w.parameter()), w.parameter().name())));
    layer.subLayers().forEach(s -> type.addField(field(Types.form(s), s.name())));
  }

  private static FieldSpec field(com.palantir.javapoet.TypeName type, String name) {
    return FieldSpec.builder(type, name, Modifier.PRIVATE, Modifier.FINAL).build();
  }

  /**
   * <pre>{@code
   * private static final Fused GATED = Fused.of("(gate, up) -> silu(gate) * up");
   * private static final Fused GATED_GRADIENT =
   *     Fused.of("(dy, gate, up) -> siluGradient(dy * up, gate), dy * silu(gate)");
   * }</pre>
   */
  private static FieldSpec constant(FusedPlan fused) {
    CodeBlock formula = CodeBlock.of("$T.of($L)", Types.FUSED, text(fused.formula()));
    boolean isShort = fused.name().length() + fused.formula().length() < FORMULA_WIDTH;
    return FieldSpec.builder(
            Types.FUSED, fused.name(), Modifier.PRIVATE, Modifier.STATIC, Modifier.FINAL)
        .initializer(isShort ? "$L" : "\n    $L", formula)
        .build();
  }

  /** The formula as a string; a long one in parts, which end at spaces. */
  private static CodeBlock text(String formula) {
    List<CodeBlock> parts = new ArrayList<>();
    String rest = formula;
    while (rest.length() > FORMULA_WIDTH) {
      int space = rest.lastIndexOf(' ', FORMULA_WIDTH);
      int end = space < 0 ? rest.length() : space + 1;
      parts.add(CodeBlock.of("$S", rest.substring(0, end)));
      rest = rest.substring(end);
    }
    parts.add(CodeBlock.of("$S", rest));
    return CodeBlock.join(parts, "\n        + ");
  }

  /**
   * <pre>{@code
   * public MixedLinear(Linear model, Mixing mixing) {
   *   this.weight = mixing.weight(model.weight, "weight", Weight.Kind.MASTER);
   * }
   * }</pre>
   */
  private MethodSpec constructor() {
    MethodSpec.Builder constructor = MethodSpec.constructorBuilder();
    constructor.addParameter(Types.model(layer), "model");
    if (root) {
      constructor.addModifiers(Modifier.PRIVATE).addParameter(Types.SETTINGS, "settings");
      constructor.addStatement("super(settings)");
      constructor.addStatement("$T mixing = mixing()", Types.MIXING);
    } else {
      if (layer.isPublic()) {
        constructor.addModifiers(Modifier.PUBLIC);
      }
      constructor.addParameter(Types.MIXING, "mixing");
      constructor.addJavadoc("Called by the form of the layer around this one.\n");
    }
    if (plan.usesHalf()) {
      constructor.addStatement("this.$L = mixing.half()", scope.halfField());
    }
    if (plan.usesModel()) {
      constructor.addStatement("this.$L = model", scope.modelField());
    }
    plan.weights().stream()
        .filter(weight -> !weight.parameter().isOfSubLayer())
        .forEach(weight -> constructor.addStatement(weight(weight)));
    layer.states().forEach(state -> constructor.addStatement(state(state)));
    layer.subLayers().forEach(subLayer -> constructor.addStatement(subLayer(subLayer)));
    plan.weights().stream() // where their layer keeps them, by now
        .filter(weight -> weight.parameter().isOfSubLayer())
        .forEach(weight -> constructor.addStatement(weight(weight)));
    return constructor.build();
  }

  /** {@code this.weight = mixing.weight(model.weight, "weight", Weight.Kind.MASTER);}. */
  private static CodeBlock weight(WeightPlan weight) {
    return CodeBlock.of(
        "this.$L = $Lmixing.$L(model.$L, $S, $T.$L)",
        weight.parameter().name(),
        unlessNull(weight.parameter().optional(), weight.parameter().access()),
        weight.parameter().holder() == Holder.FIELD ? "weight" : "weights",
        weight.parameter().access(),
        weight.parameter().path(),
        Types.WEIGHT_KIND,
        weight.kind());
  }

  /** {@code model.skip == null ? null : …}, of a field that may be null. */
  private static String unlessNull(boolean optional, String access) {
    return optional ? "model." + access + " == null ? null : " : "";
  }

  /** {@code mixing.state(model.mean, "mean");}. */
  private static CodeBlock state(StateModel state) {
    return CodeBlock.of(
        "mixing.$L(model.$L, $S)",
        state.holder() == Holder.FIELD ? "state" : "states",
        state.access(),
        state.name());
  }

  /**
   * <pre>{@code
   * this.net = mixing.layer(model.net(), "net", MixedMlp::new);
   * this.blocks = mixing.layers(model.blocks(), "blocks", MixedBlock::new);
   * this.norm = mixing.layer(model.norm(), "norm", Mixing.implementing(MixedNorm.class));
   * }</pre>
   */
  private static CodeBlock subLayer(SubLayerModel subLayer) {
    ClassName form = Types.of(subLayer.type().mixed());
    return CodeBlock.of(
        "this.$L = $L$L.$L(model.$L, $S, $L)",
        subLayer.name(),
        unlessNull(subLayer.optional(), subLayer.access()),
        subLayer.full() ? "mixing.full()" : "mixing",
        subLayer.holder() == Holder.FIELD ? "layer" : "layers",
        subLayer.access(),
        subLayer.name(),
        subLayer.open()
            ? CodeBlock.of("$T.implementing($T.class)", Types.MIXING, form)
            : CodeBlock.of("$T::new", form));
  }
}
