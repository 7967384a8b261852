package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.read.resolve.Resolver;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.type.TypeKind;

/** A loop over a range of ints, as it is written. */
record CountedLoop(Element index, TreePath from, TreePath to, boolean inclusive, boolean down) {

  /** {@code for (int i = from; i < to; i++)} whose body leaves the index and the bound alone. */
  static Optional<CountedLoop> of(TreePath path, ForLoopTree tree, Resolver resolver) {
    if (tree.getInitializer().size() != 1
        || !(tree.getInitializer().getFirst() instanceof VariableTree variable)
        || variable.getInitializer() == null
        || !(tree.getCondition() instanceof BinaryTree condition)
        || tree.getUpdate().size() != 1) {
      return Optional.empty();
    }
    TreePath declaration = child(path, variable);
    Element index = resolver.element(declaration);
    TreePath compared = child(path, condition);
    Optional<Boolean> down = step(child(path, tree.getUpdate().getFirst()), index, resolver);
    boolean fits =
        switch (condition.getKind()) {
          case LESS_THAN, LESS_THAN_EQUAL -> down.equals(Optional.of(false));
          case GREATER_THAN, GREATER_THAN_EQUAL -> down.equals(Optional.of(true));
          default -> false;
        };
    TreePath to = child(compared, condition.getRightOperand());
    Set<Element> written = Assignments.written(child(path, tree.getStatement()), resolver);
    if (!fits
        || index.asType().getKind() != TypeKind.INT
        || resolver.type(to).getKind() != TypeKind.INT
        || !is(child(compared, condition.getLeftOperand()), index, resolver)
        || written.contains(index)
        || Assignments.read(to, resolver).stream()
            .anyMatch(read -> read.equals(index) || written.contains(read))) {
      return Optional.empty();
    }
    boolean inclusive =
        condition.getKind() == Tree.Kind.LESS_THAN_EQUAL
            || condition.getKind() == Tree.Kind.GREATER_THAN_EQUAL;
    TreePath from = child(declaration, variable.getInitializer());
    return Optional.of(new CountedLoop(index, from, to, inclusive, down.orElse(false)));
  }

  /** Whether the index goes down by one, or (false) up by one. */
  private static Optional<Boolean> step(TreePath update, Element index, Resolver resolver) {
    TreePath expression =
        child(update, ((ExpressionStatementTree) update.getLeaf()).getExpression());
    return switch (expression.getLeaf()) {
      case UnaryTree tree when is(child(expression, tree.getExpression()), index, resolver) ->
          switch (tree.getKind()) {
            case PREFIX_INCREMENT, POSTFIX_INCREMENT -> Optional.of(false);
            case PREFIX_DECREMENT, POSTFIX_DECREMENT -> Optional.of(true);
            default -> Optional.empty();
          };
      case CompoundAssignmentTree tree
          when is(child(expression, tree.getVariable()), index, resolver)
              && tree.getExpression() instanceof LiteralTree literal
              && Integer.valueOf(1).equals(literal.getValue()) ->
          switch (tree.getKind()) {
            case PLUS_ASSIGNMENT -> Optional.of(false);
            case MINUS_ASSIGNMENT -> Optional.of(true);
            default -> Optional.empty();
          };
      default -> Optional.empty();
    };
  }

  private static boolean is(TreePath path, Element local, Resolver resolver) {
    return path.getLeaf() instanceof IdentifierTree
        && resolver.elementIfAny(path).filter(local::equals).isPresent();
  }
}
