package dev.mezzo.processor.read.resolve;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.ExecutableType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.type.WildcardType;
import javax.lang.model.util.Types;
import org.jspecify.annotations.Nullable;

/**
 * What a call of a generic method returns: its type parameters are told by the arguments, as in
 * {@code Objects.requireNonNull(config)} and {@code List.of(1, 2)}. Those that no argument tells,
 * since javac takes them from where the call stands, count as their bounds.
 */
final class CallResult {
  private final Types types;
  private final ExecutableElement method;
  private final Map<Element, TypeMirror> found = new HashMap<>();

  private CallResult(Types types, ExecutableElement method) {
    this.types = types;
    this.method = method;
  }

  /**
   * The result's type.
   *
   * @param seen the method as a member of what it is called on
   * @param arguments their types; null for one that takes its type from the parameter
   */
  static TypeMirror of(
      Types types,
      ExecutableElement method,
      ExecutableType seen,
      List<@Nullable TypeMirror> arguments) {
    TypeMirror result = seen.getReturnType();
    if (method.getTypeParameters().isEmpty()) {
      return result;
    }
    CallResult call = new CallResult(types, method);
    call.match(seen.getParameterTypes(), arguments);
    return call.substituted(result).orElseGet(() -> types.erasure(result));
  }

  private void match(List<? extends TypeMirror> formals, List<@Nullable TypeMirror> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      TypeMirror argument = arguments.get(i);
      if (argument != null) {
        match(formal(formals, i, arguments), argument);
      }
    }
  }

  /** The parameter of an argument; of a variable number of them their component. */
  private TypeMirror formal(
      List<? extends TypeMirror> formals, int i, List<@Nullable TypeMirror> arguments) {
    TypeMirror formal = formals.get(Math.min(i, formals.size() - 1));
    if (!method.isVarArgs() || i < formals.size() - 1) {
      return formal;
    }
    TypeMirror argument = arguments.get(i);
    boolean isArray =
        arguments.size() == formals.size()
            && argument != null
            && types.isAssignable(types.erasure(argument), types.erasure(formal));
    return isArray ? formal : ((ArrayType) formal).getComponentType();
  }

  private void match(TypeMirror formal, TypeMirror actual) {
    switch (formal) {
      case TypeVariable variable when isOwn(variable) -> found(variable.asElement(), actual);
      case ArrayType array when actual instanceof ArrayType given ->
          match(array.getComponentType(), given.getComponentType());
      case WildcardType wildcard when wildcard.getExtendsBound() != null ->
          match(wildcard.getExtendsBound(), actual);
      case WildcardType wildcard when wildcard.getSuperBound() != null ->
          match(wildcard.getSuperBound(), actual);
      case DeclaredType declared when actual instanceof DeclaredType given ->
          matchArguments(declared, given);
      default -> {}
    }
  }

  private void matchArguments(DeclaredType formal, DeclaredType actual) {
    List<? extends TypeMirror> wanted = formal.getTypeArguments();
    List<? extends TypeMirror> given =
        asSuper(actual, formal.asElement()).map(DeclaredType::getTypeArguments).orElse(List.of());
    for (int i = 0; i < Math.min(wanted.size(), given.size()); i++) {
      match(wanted.get(i), bound(given.get(i)));
    }
  }

  /** The type, or the supertype of it, that is of the class. */
  private Optional<DeclaredType> asSuper(DeclaredType type, Element superclass) {
    if (type.asElement().equals(superclass)) {
      return Optional.of(type);
    }
    return types.directSupertypes(type).stream()
        .filter(DeclaredType.class::isInstance)
        .flatMap(parent -> asSuper((DeclaredType) parent, superclass).stream())
        .findFirst();
  }

  private boolean isOwn(TypeVariable variable) {
    return method.equals(variable.asElement().getEnclosingElement());
  }

  private void found(Element variable, TypeMirror actual) {
    TypeMirror type = bound(actual);
    if (type.getKind().isPrimitive()) {
      type = types.boxedClass(types.getPrimitiveType(type.getKind())).asType();
    }
    if (type.getKind() != TypeKind.NULL) {
      found.merge(variable, type, (a, b) -> types.isSubtype(a, b) ? b : a);
    }
  }

  /** What is known of a type variable, a wildcard or what was captured of one. */
  private static TypeMirror bound(TypeMirror type) {
    return switch (type) {
      case TypeVariable variable -> bound(variable.getUpperBound());
      case WildcardType wildcard when wildcard.getExtendsBound() != null ->
          bound(wildcard.getExtendsBound());
      default -> type;
    };
  }

  /** The type with what was found put in; empty where something was not. */
  private Optional<TypeMirror> substituted(TypeMirror type) {
    return switch (type) {
      case TypeVariable variable when isOwn(variable) ->
          Optional.ofNullable(found.get(variable.asElement()));
      case ArrayType array -> substituted(array.getComponentType()).map(types::getArrayType);
      case DeclaredType declared when !declared.getTypeArguments().isEmpty() -> {
        List<TypeMirror> arguments =
            declared.getTypeArguments().stream().flatMap(t -> substituted(t).stream()).toList();
        yield arguments.size() == declared.getTypeArguments().size()
            ? Optional.of(
                types.getDeclaredType(
                    (TypeElement) declared.asElement(), arguments.toArray(TypeMirror[]::new)))
            : Optional.empty();
      }
      case WildcardType wildcard when wildcard.getExtendsBound() != null ->
          substituted(wildcard.getExtendsBound());
      default -> Optional.of(type);
    };
  }
}
