package dev.mezzo.processor.read;

import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.type.WildcardType;
import org.jspecify.annotations.Nullable;

/**
 * Type variables of classes. The mixed form of a generic layer holds it as {@code Net<?>}: there
 * what has the type of a variable can be read, but given to nobody who wants the same type.
 */
final class TypeVariables {
  private TypeVariables() {}

  /** Whether a type is, or is made of, a type variable of a class. */
  static boolean areIn(@Nullable TypeMirror type) {
    return switch (type) {
      case TypeVariable variable ->
          variable.asElement().getEnclosingElement() instanceof TypeElement;
      case ArrayType array -> areIn(array.getComponentType());
      case WildcardType wildcard ->
          areIn(wildcard.getExtendsBound()) || areIn(wildcard.getSuperBound());
      case DeclaredType declared -> declared.getTypeArguments().stream().anyMatch(t -> areIn(t));
      case null, default -> false;
    };
  }
}
