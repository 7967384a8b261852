package dev.mezzo.processor.read;

import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.ParameterModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.StateModel;
import dev.mezzo.processor.model.SubLayerModel;
import java.util.List;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;

/**
 * An instance field or record component of a layer.
 *
 * @param access how generated code reads it from the model
 * @param held of layers, how many and of which type
 * @param optional whether the class compares it with null
 * @param master whether the field or its class is annotated with {@code @MasterFp32}
 * @param full whether the field is annotated with {@code @Full}
 * @param recomputed whether the field, or the class of what is in it, is with {@code @Recompute}
 */
record LayerField(
    VariableElement element,
    String access,
    Kind kind,
    HeldType held,
    boolean isPrivate,
    boolean isFinal,
    boolean optional,
    boolean annotatedMaster,
    boolean master,
    boolean full,
    boolean recomputed,
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
    return new ParameterModel(name(), name(), access, held.holder(), optional, master, position);
  }

  /** Whether it holds a state, or several, that generated code may read. */
  boolean holdsStates() {
    return RuntimeTypes.isState(held.type()) && !isPrivate;
  }

  StateModel state() {
    return new StateModel(name(), access, held.holder());
  }

  SubLayerModel subLayer() {
    return new SubLayerModel(
        name(),
        access,
        TypeText.className(typeElement()),
        Contracts.isOpen(typeElement()),
        held.holder(),
        optional,
        full,
        recomputed,
        position);
  }

  /** Whether it holds a layer, or several. */
  boolean isLayer() {
    return kind == Kind.SUB_LAYER || kind == Kind.UNANNOTATED_LAYER;
  }

  /** How plain code reads one of several layers. */
  String access(String element) {
    return held.holder() == Holder.ARRAY
        ? access + "[" + element + "]"
        : access + ".get(" + element + ")";
  }

  /** The class of a sub-layer. */
  TypeElement typeElement() {
    return (TypeElement) ((DeclaredType) held.type()).asElement();
  }

  FieldDeclaration declaration(List<SourcePosition> reads, List<SourcePosition> writes) {
    return new FieldDeclaration(
        name(),
        kind,
        TypeText.simple(isLayer() ? held.type() : element.asType()),
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
