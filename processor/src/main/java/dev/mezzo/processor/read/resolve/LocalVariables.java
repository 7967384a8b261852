package dev.mezzo.processor.read.resolve;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.BindingPatternTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TryTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Local variables and parameters: where a name is declared, and as what. */
public final class LocalVariables {
  private final Trees trees;
  private final TypeNames types;
  private final IdentityHashMap<Tree, Map<String, VariableElement>> blocks =
      new IdentityHashMap<>();

  LocalVariables(Trees trees, TypeNames types) {
    this.trees = trees;
    this.types = types;
  }

  /** The declaration that a name refers to at a place inside a method, if it is a local one. */
  public static Optional<TreePath> declaration(TreePath use, String name) {
    Tree child = use.getLeaf();
    for (TreePath path = use.getParentPath();
        path != null && !(path.getLeaf() instanceof ClassTree);
        path = path.getParentPath()) {
      for (Tree declared : declared(path.getLeaf(), child)) {
        if (declared instanceof VariableTree variable && variable.getName().contentEquals(name)) {
          return Optional.of(new TreePath(path, variable));
        }
      }
      child = path.getLeaf();
    }
    return Optional.empty();
  }

  /**
   * The variable that is declared by a parameter of a method, or by a statement in a block.
   *
   * @throws UnresolvedException if its type does not exist, or not yet
   */
  VariableElement element(TreePath declaration) {
    VariableTree tree = (VariableTree) declaration.getLeaf();
    TreePath parent = declaration.getParentPath();
    VariableElement declared =
        parent.getLeaf() instanceof MethodTree ? null : declared(declaration, tree);
    Element element = declared != null ? declared : inScope(parent, tree);
    if (!(element instanceof VariableElement variable)
        || variable.asType().getKind() == TypeKind.ERROR) {
      throw new UnresolvedException(declaration);
    }
    return variable;
  }

  private @Nullable Element inScope(TreePath parent, VariableTree tree) {
    return switch (parent.getLeaf()) {
      case MethodTree method -> parameter(parent, method, tree);
      case BlockTree block -> local(parent, block.getStatements(), tree);
      case CaseTree label when label.getStatements() != null ->
          local(parent, label.getStatements(), tree);
      case ForLoopTree loop -> local(parent, List.of(loop.getStatement()), tree);
      case EnhancedForLoopTree loop -> local(parent, List.of(loop.getStatement()), tree);
      default -> null;
    };
  }

  /**
   * By its declaration alone: null of {@code var}, of what may be a constant, of type parameters.
   */
  private @Nullable VariableElement declared(TreePath declaration, VariableTree tree) {
    if (tree.getType() == null || tree.getModifiers().getFlags().contains(Modifier.FINAL)) {
      return null;
    }
    try {
      TypeMirror type = types.type(new TreePath(declaration, tree.getType()));
      return new DeclaredVariable(tree.getName(), type, types.enclosingClass(declaration));
    } catch (UnresolvedException unknown) {
      return null;
    }
  }

  private Element parameter(TreePath path, MethodTree method, VariableTree tree) {
    ExecutableElement element = (ExecutableElement) trees.getElement(path);
    return element.getParameters().get(method.getParameters().indexOf(tree));
  }

  private @Nullable VariableElement local(
      TreePath path, List<? extends StatementTree> scope, VariableTree variable) {
    return blocks
        .computeIfAbsent(path.getLeaf(), _ -> locals(path, scope.getLast()))
        .get(variable.getName().toString());
  }

  /** All locals in scope at the last statement; javac attributes a copy of the method for them. */
  private Map<String, VariableElement> locals(TreePath path, StatementTree last) {
    Map<String, VariableElement> locals = new HashMap<>();
    for (Element element : trees.getScope(new TreePath(path, last)).getLocalElements()) {
      if (element instanceof VariableElement variable) {
        locals.putIfAbsent(variable.getSimpleName().toString(), variable);
      }
    }
    return locals;
  }

  /** What a tree declares for its child. */
  private static List<? extends Tree> declared(Tree parent, Tree child) {
    return switch (parent) {
      case BinaryTree both when both.getRightOperand() == child -> bound(both.getLeftOperand());
      case ConditionalExpressionTree choice when choice.getCondition() != child ->
          bound(choice.getCondition());
      case IfTree branch when branch.getCondition() != child -> bound(branch.getCondition());
      case WhileLoopTree loop when loop.getCondition() != child -> bound(loop.getCondition());
      case MethodTree method -> method.getParameters();
      case LambdaExpressionTree lambda -> lambda.getParameters();
      case BlockTree block -> before(block.getStatements(), child);
      case CaseTree label -> {
        List<Tree> declared = new ArrayList<>();
        label.getLabels().forEach(each -> declared.addAll(bound(each)));
        if (label.getStatements() != null) {
          declared.addAll(before(label.getStatements(), child));
        }
        yield declared;
      }
      case ForLoopTree loop -> loop.getInitializer();
      case EnhancedForLoopTree loop when loop.getExpression() != child ->
          List.of(loop.getVariable());
      case CatchTree handler -> List.of(handler.getParameter());
      case TryTree attempt -> attempt.getResources();
      default -> List.of();
    };
  }

  /** The statements in front of one, and what patterns in their conditions leave behind. */
  private static List<Tree> before(List<? extends StatementTree> statements, Tree child) {
    List<Tree> declared = new ArrayList<>();
    for (StatementTree statement : statements.subList(0, Math.max(0, statements.indexOf(child)))) {
      declared.add(statement);
      if (statement instanceof IfTree branch) {
        declared.addAll(bound(branch.getCondition()));
      }
    }
    return declared;
  }

  /** The variables of the patterns in a tree. */
  private static List<Tree> bound(Tree tree) {
    List<Tree> bound = new ArrayList<>();
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitBindingPattern(BindingPatternTree pattern, @Nullable Void unused) {
        bound.add(pattern.getVariable());
        return null;
      }

      @Override
      public @Nullable Void visitLambdaExpression(
          LambdaExpressionTree lambda, @Nullable Void unused) {
        return null;
      }
    }.scan(tree, null);
    return bound;
  }
}
