package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.TypeCastTree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.read.resolve.Resolver;
import java.util.OptionalDouble;
import javax.lang.model.element.VariableElement;
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
      case TypeCastTree cast -> value(child(path, cast.getExpression()));
      case UnaryTree unary -> unary(path, unary);
      case BinaryTree binary -> binary(path, binary);
      case IdentifierTree _ -> variable(path);
      case MemberSelectTree _ -> variable(path);
      default -> OptionalDouble.empty();
    };
  }

  private OptionalDouble variable(TreePath path) {
    return resolver.elementIfAny(path).orElse(null) instanceof VariableElement variable
        ? number(variable.getConstantValue())
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
    boolean whole = isWhole(path);
    return switch (tree.getKind()) {
      case PLUS -> OptionalDouble.of(a + b);
      case MINUS -> OptionalDouble.of(a - b);
      case MULTIPLY -> OptionalDouble.of(a * b);
      case DIVIDE -> whole ? OptionalDouble.empty() : OptionalDouble.of(a / b);
      default -> OptionalDouble.empty();
    };
  }

  private boolean isWhole(TreePath path) {
    return switch (resolver.type(path).getKind()) {
      case FLOAT, DOUBLE -> false;
      default -> true;
    };
  }

  private static OptionalDouble number(@Nullable Object value) {
    return value instanceof Number number
        ? OptionalDouble.of(number.doubleValue())
        : OptionalDouble.empty();
  }
}
