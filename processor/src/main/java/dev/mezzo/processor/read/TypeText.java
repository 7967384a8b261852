package dev.mezzo.processor.read;

import static java.util.Objects.requireNonNull;

import dev.mezzo.processor.model.ClassName;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.element.Element;
import javax.lang.model.element.PackageElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.IntersectionType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.type.WildcardType;

/** Types as text that is valid anywhere: qualified, without annotations. */
final class TypeText {

  private TypeText() {}

  /** As in {@code java.util.List<int[]>}. */
  static String of(TypeMirror type) {
    return of(type, Set.of());
  }

  /**
   * The same within the bounds of type variables.
   *
   * @param bounded the variables: where one of them stands in its own bound, {@code B extends
   *     Comparable<B>}, it may be anything
   */
  private static String of(TypeMirror type, Set<Element> bounded) {
    return switch (type) {
      case ArrayType array -> of(array.getComponentType(), bounded) + "[]";
      case WildcardType wildcard -> ofWildcard(wildcard, bounded);
      case TypeVariable variable when bounded.contains(variable.asElement()) -> "?";
      case TypeVariable variable ->
          of(variable.getUpperBound(), with(bounded, variable.asElement()));
      case IntersectionType bounds -> of(bounds.getBounds().getFirst(), bounded);
      case DeclaredType declared when declared.asElement() instanceof TypeElement element ->
          of(element) + arguments(declared, bounded);
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

  private static Set<Element> with(Set<Element> bounded, Element variable) {
    Set<Element> all = new HashSet<>(bounded);
    all.add(variable);
    return all;
  }

  private static String arguments(DeclaredType type, Set<Element> bounded) {
    return type.getTypeArguments().isEmpty()
        ? ""
        : type.getTypeArguments().stream()
            .map(argument -> ofArgument(argument, bounded))
            .collect(Collectors.joining(", ", "<", ">"));
  }

  /** A variable's name means nothing elsewhere; its bound does. */
  private static String ofArgument(TypeMirror type, Set<Element> bounded) {
    String text = of(type, bounded);
    boolean named = TypeVariables.areIn(type) && !text.startsWith("?");
    return named ? "? extends " + text : text;
  }

  private static String ofWildcard(WildcardType wildcard, Set<Element> bounded) {
    TypeMirror least = wildcard.getExtendsBound();
    TypeMirror most =
        TypeVariables.areIn(wildcard.getSuperBound()) ? null : wildcard.getSuperBound();
    String bound = least != null ? of(least, bounded) : most != null ? of(most, bounded) : "?";
    return bound.equals("?") ? "?" : (least != null ? "? extends " : "? super ") + bound;
  }
}
