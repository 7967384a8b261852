package dev.mezzo.processor.read.resolve;

import java.util.List;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.PrimitiveType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Types;

/** Numeric promotion, with unboxing. */
final class NumericTypes {
  /** From wide to narrow. */
  private static final List<TypeKind> WIDE =
      List.of(TypeKind.DOUBLE, TypeKind.FLOAT, TypeKind.LONG);

  private final Types types;

  NumericTypes(Types types) {
    this.types = types;
  }

  boolean isNumber(TypeMirror type) {
    TypeKind kind = unboxed(type).getKind();
    return kind.isPrimitive() && kind != TypeKind.BOOLEAN;
  }

  /** Of a single operand: at least int. */
  TypeMirror promoted(TypeMirror operand) {
    return promoted(operand, operand);
  }

  /** Of two operands: the wider one, at least int; booleans stay. */
  TypeMirror promoted(TypeMirror left, TypeMirror right) {
    TypeMirror a = unboxed(left);
    TypeMirror b = unboxed(right);
    if (a.getKind() == TypeKind.BOOLEAN) {
      return a;
    }
    for (TypeKind kind : WIDE) {
      if (a.getKind() == kind || b.getKind() == kind) {
        return types.getPrimitiveType(kind);
      }
    }
    return types.getPrimitiveType(TypeKind.INT);
  }

  /** Of the two branches of a choice. */
  TypeMirror joined(TypeMirror left, TypeMirror right) {
    if (types.isSameType(left, right) || right.getKind() == TypeKind.NULL) {
      return left;
    }
    if (left.getKind() == TypeKind.NULL) {
      return right;
    }
    if (isNumber(left) && isNumber(right)) {
      return promoted(left, right);
    }
    return types.isAssignable(left, right) ? right : left;
  }

  private TypeMirror unboxed(TypeMirror type) {
    if (type instanceof DeclaredType) {
      try {
        PrimitiveType primitive = types.unboxedType(type);
        return primitive;
      } catch (IllegalArgumentException noBox) {
        return type;
      }
    }
    return type;
  }
}
