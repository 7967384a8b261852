package dev.mezzo.processor.read;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.processor.read.resolve.Resolver;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.lang.model.element.Element;
import org.jspecify.annotations.Nullable;

/** Which local variables statements write and read. */
final class Assignments extends TreePathScanner<@Nullable Void, @Nullable Void> {
  private final Resolver resolver;
  private final boolean reads;
  private final Set<Element> written = new LinkedHashSet<>();
  private final Set<Element> read = new HashSet<>();

  private Assignments(Resolver resolver, boolean reads) {
    this.resolver = resolver;
    this.reads = reads;
  }

  /** The variables, and arrays of which an element, that are written. */
  static Set<Element> written(TreePath path, Resolver resolver) {
    Assignments assignments = new Assignments(resolver, false);
    assignments.scan(path, null);
    return assignments.written;
  }

  /** The variables, and fields and classes, that an expression names. */
  static Set<Element> read(TreePath path, Resolver resolver) {
    Assignments assignments = new Assignments(resolver, true);
    assignments.scan(path, null);
    return assignments.read;
  }

  @Override
  public @Nullable Void visitAssignment(AssignmentTree tree, @Nullable Void unused) {
    write(tree.getVariable());
    return super.visitAssignment(tree, null);
  }

  @Override
  public @Nullable Void visitCompoundAssignment(
      CompoundAssignmentTree tree, @Nullable Void unused) {
    write(tree.getVariable());
    return super.visitCompoundAssignment(tree, null);
  }

  @Override
  public @Nullable Void visitUnary(UnaryTree tree, @Nullable Void unused) {
    switch (tree.getKind()) {
      case PREFIX_INCREMENT, PREFIX_DECREMENT, POSTFIX_INCREMENT, POSTFIX_DECREMENT ->
          write(tree.getExpression());
      default -> {}
    }
    return super.visitUnary(tree, null);
  }

  @Override
  public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
    if (reads) {
      resolver.elementIfAny(getCurrentPath()).ifPresent(read::add);
    }
    return null;
  }

  @Override
  public @Nullable Void visitLambdaExpression(LambdaExpressionTree tree, @Nullable Void unused) {
    return null;
  }

  private void write(ExpressionTree target) {
    Tree root = target;
    TreePath path = new TreePath(getCurrentPath(), target);
    while (root instanceof ArrayAccessTree access) {
      root = access.getExpression();
      path = new TreePath(path, root);
    }
    if (root instanceof IdentifierTree) {
      resolver.elementIfAny(path).ifPresent(written::add);
    }
  }
}
