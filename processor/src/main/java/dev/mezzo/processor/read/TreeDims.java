package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.read.resolve.LocalVariables;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** Reads int expressions as dimensions: numbers, arithmetic, and what the place knows besides. */
final class TreeDims {
  private final Constants constants;
  private final Function<TreePath, Optional<Dim>> known;

  /**
   * Reads expressions of one place.
   *
   * @param known what names and calls stand for, where that is no constant
   */
  TreeDims(Constants constants, Function<TreePath, Optional<Dim>> known) {
    this.constants = constants;
    this.known = known;
  }

  /** The dimensions of several expressions. */
  List<Dim> read(TreePath parent, List<? extends ExpressionTree> expressions) {
    return expressions.stream().map(expression -> read(child(parent, expression))).toList();
  }

  /** The dimension; {@link Atom.Unknown} where nothing is known. */
  Dim read(TreePath path) {
    Optional<Dim> found = known.apply(path);
    if (found.isPresent()) {
      return found.get();
    }
    return switch (path.getLeaf()) {
      case ParenthesizedTree inner -> read(child(path, inner.getExpression()));
      case UnaryTree unary when unary.getKind() == Tree.Kind.UNARY_MINUS ->
          Dim.of(0).minus(read(child(path, unary.getExpression())));
      case BinaryTree binary -> binary(path, binary);
      case IdentifierTree name
          when LocalVariables.declaration(path, name.getName().toString()).isPresent() ->
          Dim.of(new Atom.Unknown());
      default -> constant(path);
    };
  }

  private Dim binary(TreePath path, BinaryTree tree) {
    Dim left = read(child(path, tree.getLeftOperand()));
    Dim right = read(child(path, tree.getRightOperand()));
    return switch (tree.getKind()) {
      case PLUS -> left.plus(right);
      case MINUS -> left.minus(right);
      case MULTIPLY -> left.times(right);
      case DIVIDE -> left.dividedBy(right);
      default -> Dim.of(new Atom.Unknown());
    };
  }

  private Dim constant(TreePath path) {
    OptionalDouble value = constants.value(path);
    return value.isPresent() && value.getAsDouble() == Math.rint(value.getAsDouble())
        ? Dim.of((long) value.getAsDouble())
        : Dim.of(new Atom.Unknown());
  }
}
