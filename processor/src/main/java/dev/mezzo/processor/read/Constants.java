package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.TypeCastTree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.read.resolve.LocalVariables;
import dev.mezzo.processor.read.resolve.Resolver;
import java.util.OptionalDouble;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * The values of numeric constants, in double precision: enough to tell whether one is in the range
 * of a 16-bit format.
 */
final class Constants {
  private final Resolver resolver;

  Constants(Resolver resolver) {
    this.resolver = resolver;
  }

  /** Empty for what is no constant, or no number. */
  OptionalDouble value(TreePath path) {
    return switch (path.getLeaf()) {
      case LiteralTree literal -> number(literal.getValue());
      case ParenthesizedTree inner -> value(child(path, inner.getExpression()));
      case TypeCastTree cast -> as(resolver.type(path), value(child(path, cast.getExpression())));
      case UnaryTree unary -> unary(path, unary);
      case BinaryTree binary -> binary(path, binary);
      case IdentifierTree _ -> variable(path);
      case MemberSelectTree _ -> variable(path);
      default -> OptionalDouble.empty();
    };
  }

  private OptionalDouble variable(TreePath path) {
    if (!(resolver.elementIfAny(path).orElse(null) instanceof VariableElement variable)) {
      return OptionalDouble.empty();
    }
    return path.getLeaf() instanceof IdentifierTree name
        ? LocalVariables.declaration(path, name.getName().toString())
            .map(local -> local(local, variable))
            .orElseGet(() -> number(variable.getConstantValue()))
        : number(variable.getConstantValue());
  }

  /** Of a local variable that is never assigned again. */
  private OptionalDouble local(TreePath declaration, VariableElement variable) {
    return declaration.getLeaf() instanceof VariableTree tree
            && tree.getInitializer() != null
            && !Assignments.written(declaration.getParentPath(), resolver).contains(variable)
        ? as(variable.asType(), value(child(declaration, tree.getInitializer())))
        : OptionalDouble.empty();
  }

  private OptionalDouble unary(TreePath path, UnaryTree tree) {
    OptionalDouble operand = value(child(path, tree.getExpression()));
    if (operand.isEmpty()) {
      return operand;
    }
    return switch (tree.getKind()) {
      case UNARY_MINUS -> OptionalDouble.of(-operand.getAsDouble());
      case UNARY_PLUS -> operand;
      default -> OptionalDouble.empty();
    };
  }

  private OptionalDouble binary(TreePath path, BinaryTree tree) {
    OptionalDouble left = value(child(path, tree.getLeftOperand()));
    OptionalDouble right = value(child(path, tree.getRightOperand()));
    if (left.isEmpty() || right.isEmpty()) {
      return OptionalDouble.empty();
    }
    double a = left.getAsDouble();
    double b = right.getAsDouble();
    TypeMirror type = resolver.type(path);
    return switch (tree.getKind()) {
      case PLUS -> as(type, OptionalDouble.of(a + b));
      case MINUS -> as(type, OptionalDouble.of(a - b));
      case MULTIPLY -> as(type, OptionalDouble.of(a * b));
      case DIVIDE ->
          b == 0 && isWhole(type) ? OptionalDouble.empty() : as(type, OptionalDouble.of(a / b));
      default -> OptionalDouble.empty();
    };
  }

  /** A number as one of a type; empty where it is none of that, and for others than numbers. */
  private static OptionalDouble as(TypeMirror type, OptionalDouble number) {
    if (number.isEmpty()) {
      return number;
    }
    double value = number.getAsDouble();
    return switch (type.getKind()) {
      case DOUBLE -> number;
      case FLOAT -> OptionalDouble.of((float) value);
      case INT, LONG -> {
        double whole = value < 0 ? Math.ceil(value) : Math.floor(value);
        yield Math.abs(whole) <= Integer.MAX_VALUE
            ? OptionalDouble.of(whole)
            : OptionalDouble.empty();
      }
      default -> OptionalDouble.empty();
    };
  }

  private static boolean isWhole(TypeMirror type) {
    return type.getKind() == TypeKind.INT || type.getKind() == TypeKind.LONG;
  }

  private static OptionalDouble number(@Nullable Object value) {
    return value instanceof Number number
        ? OptionalDouble.of(number.doubleValue())
        : OptionalDouble.empty();
  }
}
