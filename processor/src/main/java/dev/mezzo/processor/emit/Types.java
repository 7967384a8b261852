package dev.mezzo.processor.emit;

import com.palantir.javapoet.ClassName;
import com.palantir.javapoet.ParameterizedTypeName;
import com.palantir.javapoet.TypeName;
import com.palantir.javapoet.WildcardTypeName;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LayerModel;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SubLayerModel;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** The classes of the runtime that generated code names. */
final class Types {
  static final ClassName TENSOR = mezzo("", "Tensor");
  static final ClassName FINITE = mezzo("", "Finite");
  static final ClassName TENSOR_ARRAY = ClassName.get("dev.mezzo", "TensorArray");
  static final ClassName TAPE = mezzo("", "Tape");
  static final ClassName FUSED = mezzo("", "Fused");
  static final ClassName GRADIENT_SUM = mezzo("", "GradientSum");
  static final ClassName WEIGHT = mezzo("", "Weight");
  static final ClassName WEIGHT_KIND = ClassName.get("dev.mezzo", "Weight", "Kind");
  static final ClassName MIXING = mezzo("", "Mixing");
  static final ClassName TRAINING = mezzo("", "Training");
  static final ClassName SETTINGS = ClassName.get("dev.mezzo", "TrainingSettings");
  static final ClassName BUILDER = ClassName.get("dev.mezzo", "TrainingBuilder");
  static final ClassName PENDING_STEP = mezzo("", "PendingStep");
  static final ClassName STEP_RESULT = mezzo("", "StepResult");
  static final ClassName DTYPE = mezzo(".types", "DType");
  static final ClassName FINISH = mezzo("", "Finish");
  static final ClassName LAYOUT = mezzo(".types", "Layout");
  static final ClassName HALF_FORMAT = mezzo("", "HalfFormat");
  static final ClassName LOSS_SCALE = mezzo(".scaling", "LossScale");
  static final ClassName MIXED_FORM = mezzo(".annotations", "MixedForm");
  static final ClassName SOURCE_LINES = mezzo(".annotations", "SourceLines");
  static final ClassName PRECISION = MIXED_FORM.nestedClass("Precision");

  private Types() {}

  private static ClassName mezzo(String subPackage, String name) {
    return ClassName.get("dev.mezzo" + subPackage, name);
  }

  /**
   * What holds the mixed form of a field's layer, or those of its layers: {@code MixedMlp}, {@code
   * List<MixedMlp>}, {@code Map<?, MixedMlp>}.
   */
  static TypeName form(SubLayerModel field) {
    return held(field.holder(), of(field.type().mixed()));
  }

  /** What holds a parameter's weight: {@code Weight}, {@code List<Weight>}. */
  static TypeName weight(ParameterModel parameter) {
    return held(parameter.holder(), WEIGHT);
  }

  private static TypeName held(Holder holder, ClassName type) {
    return switch (holder) {
      case FIELD -> type;
      case ARRAY, LIST -> ParameterizedTypeName.get(ClassName.get(List.class), type);
      case MAP ->
          ParameterizedTypeName.get(
              ClassName.get(Map.class), WildcardTypeName.subtypeOf(Object.class), type);
    };
  }

  /** The type of a layer's objects: {@code Mlp}; of a generic class {@code Residual<?>}. */
  static TypeName model(LayerModel layer) {
    ClassName type = of(layer.type());
    return layer.typeParameters() == 0
        ? type
        : ParameterizedTypeName.get(
            type,
            Collections.nCopies(layer.typeParameters(), WildcardTypeName.subtypeOf(Object.class))
                .toArray(TypeName[]::new));
  }

  /** The model's name as JavaPoet's. */
  static ClassName of(dev.mezzo.processor.model.ClassName name) {
    return of(name.packageName(), name.name());
  }

  /** The class with that name in its package, dots between nested classes. */
  static ClassName of(String packageName, String name) {
    String[] simple = name.split("\\.", -1);
    ClassName type = ClassName.get(packageName, simple[0]);
    for (int i = 1; i < simple.length; i++) {
      type = type.nestedClass(simple[i]);
    }
    return type;
  }
}
