package dev.mezzo.processor.read;

import dev.mezzo.processor.model.Holder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.QualifiedNameable;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.IntersectionType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.type.TypeVariable;
import javax.lang.model.type.WildcardType;

/**
 * What a field holds: one object, or several in an array, a list, or the values of a map.
 *
 * @param type of the object, or of each of them
 * @param key of a map's keys, where that is known
 */
record HeldType(Holder holder, TypeMirror type, Optional<TypeMirror> key) {
  private static final Set<String> LISTS = Set.of("java.util.List", "java.util.ArrayList");
  private static final Set<String> MAPS =
      Set.of(
          "java.util.Map",
          "java.util.SequencedMap",
          "java.util.SortedMap",
          "java.util.HashMap",
          "java.util.LinkedHashMap",
          "java.util.TreeMap");

  /** Of a field's type, as it is declared; of a type variable, of what it extends. */
  static HeldType of(TypeMirror type) {
    if (type instanceof TypeVariable variable) {
      return of(bound(variable));
    }
    if (type instanceof ArrayType array) {
      return new HeldType(Holder.ARRAY, bound(array.getComponentType()), Optional.empty());
    }
    if (type instanceof DeclaredType declared
        && declared.asElement() instanceof QualifiedNameable named) {
      String name = named.getQualifiedName().toString();
      List<? extends TypeMirror> arguments = declared.getTypeArguments();
      if (LISTS.contains(name) && arguments.size() == 1) {
        return new HeldType(Holder.LIST, bound(arguments.getFirst()), Optional.empty());
      }
      if (MAPS.contains(name) && arguments.size() == 2) {
        Optional<TypeMirror> key = Optional.of(bound(arguments.getFirst()));
        return new HeldType(Holder.MAP, bound(arguments.getLast()), key);
      }
    }
    return new HeldType(Holder.FIELD, type, Optional.empty());
  }

  private static TypeMirror bound(TypeMirror argument) {
    return switch (argument) {
      case WildcardType wildcard when wildcard.getExtendsBound() != null ->
          bound(wildcard.getExtendsBound());
      case TypeVariable variable -> bound(variable.getUpperBound());
      case IntersectionType several -> bound(several.getBounds().getFirst());
      default -> argument;
    };
  }
}
