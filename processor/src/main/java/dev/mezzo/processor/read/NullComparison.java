package dev.mezzo.processor.read;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.Tree;
import java.util.Optional;

/**
 * A comparison with null.
 *
 * @param compared with null
 * @param left whether it stands on the left
 */
record NullComparison(ExpressionTree compared, boolean left) {

  /** The comparison that an expression is. */
  static Optional<NullComparison> of(BinaryTree tree) {
    if (tree.getKind() != Tree.Kind.EQUAL_TO && tree.getKind() != Tree.Kind.NOT_EQUAL_TO) {
      return Optional.empty();
    }
    if (tree.getRightOperand().getKind() == Tree.Kind.NULL_LITERAL) {
      return Optional.of(new NullComparison(tree.getLeftOperand(), true));
    }
    return tree.getLeftOperand().getKind() == Tree.Kind.NULL_LITERAL
        ? Optional.of(new NullComparison(tree.getRightOperand(), false))
        : Optional.empty();
  }

  /** The name of the field that is compared; empty where it is none. */
  String name() {
    return switch (compared) {
      case IdentifierTree name -> name.getName().toString();
      case MemberSelectTree select when LayerSource.isThis(select.getExpression()) ->
          select.getIdentifier().toString();
      case MethodInvocationTree call
          when LayerSource.isOnThis(call)
              && call.getMethodSelect() instanceof IdentifierTree name ->
          name.getName().toString();
      default -> "";
    };
  }
}
