package dev.mezzo.processor.read;

import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.SubLayerModel;
import java.util.List;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;

/**
 * An instance field or record component of a layer.
 *
 * @param access how generated code reads it from the model
 * @param master whether the field or its class is annotated with {@code @MasterFp32}
 * @param full whether the field is annotated with {@code @Full}
 */
record LayerField(
    VariableElement element,
    String access,
    Kind kind,
    boolean isPrivate,
    boolean isFinal,
    boolean annotatedMaster,
    boolean master,
    boolean full,
    SourcePosition position,
    SourcePosition typePosition,
    SourcePosition masterPosition) {

  String name() {
    return element.getSimpleName().toString();
  }

  /** Whether it is a record component, read through its accessor. */
  boolean isComponent() {
    return access.endsWith("()");
  }

  ParameterModel parameter() {
    return new ParameterModel(name(), access, master, position);
  }

  SubLayerModel subLayer() {
    return new SubLayerModel(name(), access, TypeText.className(typeElement()), full, position);
  }

  /** The class of a sub-layer. */
  TypeElement typeElement() {
    return (TypeElement) ((DeclaredType) element.asType()).asElement();
  }

  FieldDeclaration declaration(List<SourcePosition> reads, List<SourcePosition> writes) {
    return new FieldDeclaration(
        name(),
        kind,
        TypeText.simple(element.asType()),
        isPrivate,
        isFinal,
        annotatedMaster,
        reads,
        writes,
        position,
        typePosition,
        masterPosition);
  }
}
