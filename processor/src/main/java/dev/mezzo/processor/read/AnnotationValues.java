package dev.mezzo.processor.read;

import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.lang.annotation.Annotation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.AnnotationMirror;
import javax.lang.model.element.AnnotationValue;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.QualifiedNameable;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;

/** The members of one annotation in source or class file, defaults included. */
final class AnnotationValues {
  private final AnnotationMirror mirror;

  private AnnotationValues(AnnotationMirror mirror) {
    this.mirror = mirror;
  }

  /** The annotation of that type on an element, if it is there. */
  static Optional<AnnotationValues> find(Element element, Class<? extends Annotation> type) {
    for (AnnotationMirror mirror : element.getAnnotationMirrors()) {
      if (mirror.getAnnotationType().asElement() instanceof QualifiedNameable annotation
          && annotation.getQualifiedName().contentEquals(type.getName())) {
        return Optional.of(new AnnotationValues(mirror));
      }
    }
    return Optional.empty();
  }

  static boolean has(Element element, Class<? extends Annotation> type) {
    return find(element, type).isPresent();
  }

  AnnotationMirror mirror() {
    return mirror;
  }

  /**
   * A member's value.
   *
   * @throws UnresolvedException if the value is erroneous, or the annotation has no such member
   */
  <T> T get(String member, Class<T> type) {
    return cast(value(member), type);
  }

  /** A member that is an enum constant. */
  <E extends Enum<E>> E constant(String member, Class<E> type) {
    return Enum.valueOf(type, get(member, VariableElement.class).getSimpleName().toString());
  }

  /** A member that is an array of enum constants. */
  <E extends Enum<E>> List<E> constants(String member, Class<E> type) {
    return list(member, VariableElement.class).stream()
        .map(constant -> Enum.valueOf(type, constant.getSimpleName().toString()))
        .toList();
  }

  /** A member that is an array. */
  <T> List<T> list(String member, Class<T> type) {
    return ((List<?>) get(member, List.class))
        .stream().map(value -> cast(((AnnotationValue) value).getValue(), type)).toList();
  }

  /** A member that is a class; empty for {@code void.class}. */
  Optional<DeclaredType> type(String member) {
    return get(member, TypeMirror.class) instanceof DeclaredType declared
        ? Optional.of(declared)
        : Optional.empty();
  }

  private <T> T cast(Object value, Class<T> type) {
    if (!type.isInstance(value)) {
      throw new UnresolvedException("@" + mirror.getAnnotationType());
    }
    return type.cast(value);
  }

  private Object value(String member) {
    for (Map.Entry<? extends ExecutableElement, ? extends AnnotationValue> entry :
        mirror.getElementValues().entrySet()) {
      if (entry.getKey().getSimpleName().contentEquals(member)) {
        return entry.getValue().getValue();
      }
    }
    for (ExecutableElement declared :
        ElementFilter.methodsIn(mirror.getAnnotationType().asElement().getEnclosedElements())) {
      if (declared.getSimpleName().contentEquals(member) && declared.getDefaultValue() != null) {
        return declared.getDefaultValue().getValue();
      }
    }
    throw new UnresolvedException("@" + mirror.getAnnotationType());
  }
}
