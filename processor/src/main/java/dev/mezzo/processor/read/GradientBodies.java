package dev.mezzo.processor.read;

import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.TreeScanner;
import dev.mezzo.annotations.Op;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.range.Formula;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.ExecutableElement;
import org.jspecify.annotations.Nullable;

/**
 * Finds in the source of a gradient where it clips {@code dy}, or what it has computed with it:
 * that is the gradient times the loss scale, so a bound on it changes with the scale.
 */
final class GradientBodies extends TreePathScanner<@Nullable Void, @Nullable Void> {
  private final String gradient;
  private final OperationReader operations;
  private final SourceTrees trees;
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> scaled = new HashSet<>(Set.of("dy"));

  private GradientBodies(String gradient, OperationReader operations, SourceTrees trees) {
    this.gradient = gradient;
    this.operations = operations;
    this.trees = trees;
  }

  static List<Problem> check(
      ExecutableElement gradient, OperationReader operations, SourceTrees trees) {
    TreePath path = trees.trees().getPath(gradient);
    GradientBodies bodies =
        new GradientBodies(gradient.getSimpleName().toString(), operations, trees);
    if (path != null) {
      bodies.scan(path, null);
    }
    return bodies.problems;
  }

  @Override
  public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
    List<? extends ExpressionTree> arguments = call.getArguments();
    Optional<OperationModel> operation = operation(getCurrentPath());
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i) instanceof IdentifierTree name
          && scaled.contains(name.getName().toString())
          && operation.filter(GradientBodies::clips).isPresent()) {
        problems.add(
            Catalogue.CLIPPING_BEFORE_UNSCALING.at(
                trees.at(getCurrentPath()), gradient, arguments.get(i)));
      }
    }
    return super.visitMethodInvocation(call, null);
  }

  @Override
  public @Nullable Void visitVariable(VariableTree tree, @Nullable Void unused) {
    note(tree.getName().toString(), tree.getInitializer());
    return super.visitVariable(tree, null);
  }

  @Override
  public @Nullable Void visitAssignment(AssignmentTree tree, @Nullable Void unused) {
    note(tree.getVariable().toString(), tree.getExpression());
    return super.visitAssignment(tree, null);
  }

  /** What is computed with a gradient is multiplied by the loss scale, too. */
  private void note(String variable, @Nullable ExpressionTree value) {
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
        if (scaled.contains(tree.getName().toString())) {
          scaled.add(variable);
        }
        return null;
      }
    }.scan(value, null);
  }

  private Optional<OperationModel> operation(TreePath call) {
    try {
      return trees
          .resolver()
          .elementIfAny(call)
          .filter(ExecutableElement.class::isInstance)
          .map(ExecutableElement.class::cast)
          .filter(method -> AnnotationValues.has(method, Op.class))
          .flatMap(method -> operations.read(method).model());
    } catch (UnresolvedException unresolved) {
      return Optional.empty(); // javac reports it
    }
  }

  /** Whether a plain operand bounds the result. */
  private static boolean clips(OperationModel operation) {
    return operation.rules().range().stream()
        .filter(Formula.Call.class::isInstance)
        .anyMatch(
            formula ->
                operation.operands().stream()
                    .filter(operand -> !operand.tensor())
                    .map(Operand::name)
                    .anyMatch(formula::yields));
  }
}
