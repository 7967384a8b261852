package dev.mezzo.processor.read;

import static java.util.Objects.requireNonNull;

import dev.mezzo.processor.model.ClassName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.stream.Collectors;
import javax.lang.model.element.Element;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.type.WildcardType;

/** Types as text that is valid anywhere: qualified, without annotations. */
final class TypeText {

  private TypeText() {}

  /** As in {@code java.util.List<int[]>}. */
  static String of(TypeMirror type) {
    return switch (type) {
      case ArrayType array -> of(array.getComponentType()) + "[]";
      case WildcardType wildcard -> ofWildcard(wildcard);
      case TypeVariable variable -> of(variable.getUpperBound());
      case DeclaredType declared when declared.asElement() instanceof TypeElement element ->
          of(element) + arguments(declared);
      default ->
          type.getKind().isPrimitive()
              ? type.getKind().name().toLowerCase(Locale.ROOT)
              : type.toString();
    };
  }

  /** As in {@code java.util.Map.Entry}. */
  static String of(TypeElement type) {
    return type.getQualifiedName().toString();
  }

  /** Without its package, as a user writes it: for messages. */
  static String simple(TypeMirror type) {
    return switch (type) {
      case ArrayType array -> simple(array.getComponentType()) + "[]";
      case DeclaredType declared -> declared.asElement().getSimpleName().toString();
      default -> of(type);
    };
  }

  /** The name of a class that is no local one. */
  static ClassName className(TypeElement type) {
    Deque<String> names = new ArrayDeque<>();
    Element enclosing = type;
    while (!(enclosing instanceof PackageElement)) {
      names.addFirst(enclosing.getSimpleName().toString());
      enclosing = requireNonNull(enclosing.getEnclosingElement());
    }
    return new ClassName(
        ((PackageElement) enclosing).getQualifiedName().toString(), String.join(".", names));
  }

  /** The class that declares a field or method. */
  static TypeElement owner(Element member) {
    return (TypeElement) requireNonNull(member.getEnclosingElement());
  }

  private static String arguments(DeclaredType type) {
    return type.getTypeArguments().isEmpty()
        ? ""
        : type.getTypeArguments().stream()
            .map(TypeText::of)
            .collect(Collectors.joining(", ", "<", ">"));
  }

  private static String ofWildcard(WildcardType wildcard) {
    if (wildcard.getExtendsBound() != null) {
      return "? extends " + of(wildcard.getExtendsBound());
    }
    return wildcard.getSuperBound() == null ? "?" : "? super " + of(wildcard.getSuperBound());
  }
}
