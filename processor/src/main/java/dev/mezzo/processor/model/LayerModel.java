package dev.mezzo.processor.model;

import dev.mezzo.annotations.MixedForm.Precision;
import java.util.List;
import java.util.Optional;

/**
 * An annotated class or record.
 *
 * @param type its name
 * @param isPublic whether the generated class is public too
 * @param precision HALF for {@code @Half}, FULL for {@code @Full}
 * @param typeParameters how many type parameters it has
 * @param contracts the annotated interfaces and abstract classes that it implements
 * @param parameters in declaration order
 * @param states in declaration order
 * @param subLayers in declaration order
 * @param functions the entry ({@code forward}, or {@code loss} of a {@code @LossScaled} class)
 *     first, then the methods that it calls, in declaration order
 * @param lossScaling present where the entry is {@code loss}: a training class is to be generated
 * @param shapes what the user has said of shapes
 */
public record LayerModel(
    ClassName type,
    boolean isPublic,
    Precision precision,
    int typeParameters,
    List<ClassName> contracts,
    List<ParameterModel> parameters,
    List<StateModel> states,
    List<SubLayerModel> subLayers,
    List<FunctionModel> functions,
    Optional<LossScaling> lossScaling,
    DeclaredShapes shapes,
    SourcePosition position) {

  /** {@code forward}, or {@code loss}. */
  public FunctionModel entry() {
    return functions.getFirst();
  }
}
