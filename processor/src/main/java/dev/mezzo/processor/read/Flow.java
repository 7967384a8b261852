package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BlockTree;
import com.sun.source.tree.BreakTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ContinueTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.DoWhileLoopTree;
import com.sun.source.tree.EnhancedForLoopTree;
import com.sun.source.tree.ForLoopTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.LabeledStatementTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.WhileLoopTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.Name;
import org.jspecify.annotations.Nullable;

/** Where statements lead: on, out of the method, or to the end of a pass. */
final class Flow {
  private Flow() {}

  /** The paths of a block's statements; of any other statement its own. */
  static List<TreePath> statements(TreePath path) {
    return path.getLeaf() instanceof BlockTree block
        ? block.getStatements().stream().map(statement -> child(path, statement)).toList()
        : List.of(path);
  }

  /** An expression without the parentheses around it. */
  static TreePath unwrapped(TreePath path) {
    return path.getLeaf() instanceof ParenthesizedTree inner
        ? unwrapped(child(path, inner.getExpression()))
        : path;
  }

  /** The label in front of a loop. */
  static Optional<String> label(TreePath loop) {
    TreePath parent = loop.getParentPath();
    return parent != null && parent.getLeaf() instanceof LabeledStatementTree labeled
        ? Optional.of(labeled.getLabel().toString())
        : Optional.empty();
  }

  /** Whether a return, break or continue within leads out of the statement. */
  static boolean leaves(Tree statement) {
    return !exits(statement).isEmpty();
  }

  /** Whether a break within ends the loop or switch that the statement is the body of. */
  static boolean breaks(Tree statement) {
    return exits(statement).stream()
        .anyMatch(exit -> exit instanceof BreakTree tree && tree.getLabel() == null);
  }

  /** Whether an exit within ends the loop of that label that the statement is the body of. */
  static boolean ends(Tree statement, Optional<String> label) {
    return exits(statement).stream()
        .anyMatch(
            exit ->
                !(exit instanceof ContinueTree tree
                    && (tree.getLabel() == null
                        || label.filter(tree.getLabel()::contentEquals).isPresent())));
  }

  /** Whether a return leads out of the statement. */
  static boolean returns(Tree statement) {
    return exits(statement).stream().anyMatch(ReturnTree.class::isInstance);
  }

  private static List<Tree> exits(Tree statement) {
    List<Tree> exits = new ArrayList<>();
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      private final List<Name> labels = new ArrayList<>();
      private int loops;
      private int switches;

      @Override
      public @Nullable Void scan(@Nullable Tree tree, @Nullable Void unused) {
        int loop = isLoop(tree) ? 1 : 0;
        int choice = tree instanceof SwitchTree ? 1 : 0;
        loops += loop;
        switches += choice;
        if (!(tree instanceof ClassTree) && !(tree instanceof LambdaExpressionTree)) {
          super.scan(tree, null);
        }
        loops -= loop;
        switches -= choice;
        return null;
      }

      @Override
      public @Nullable Void visitLabeledStatement(
          LabeledStatementTree tree, @Nullable Void unused) {
        labels.add(tree.getLabel());
        super.visitLabeledStatement(tree, null);
        labels.removeLast();
        return null;
      }

      @Override
      public @Nullable Void visitReturn(ReturnTree tree, @Nullable Void unused) {
        exits.add(tree);
        return null;
      }

      @Override
      public @Nullable Void visitBreak(BreakTree tree, @Nullable Void unused) {
        add(tree, tree.getLabel(), loops + switches);
        return null;
      }

      @Override
      public @Nullable Void visitContinue(ContinueTree tree, @Nullable Void unused) {
        add(tree, tree.getLabel(), loops);
        return null;
      }

      private void add(Tree exit, @Nullable Name label, int within) {
        if (label == null ? within == 0 : !labels.contains(label)) {
          exits.add(exit);
        }
      }
    }.scan(statement, null);
    return exits;
  }

  static boolean isLoop(@Nullable Tree tree) {
    return tree instanceof ForLoopTree
        || tree instanceof EnhancedForLoopTree
        || tree instanceof WhileLoopTree
        || tree instanceof DoWhileLoopTree;
  }

  /** Whether what follows the statement may be reached through it. */
  static boolean goesOn(StatementTree statement) {
    return switch (statement) {
      case ReturnTree _, BreakTree _, ContinueTree _, ThrowTree _ -> false;
      case BlockTree block -> block.getStatements().stream().allMatch(Flow::goesOn);
      case LabeledStatementTree labeled -> goesOn(labeled.getStatement());
      case IfTree branch ->
          branch.getElseStatement() == null
              || goesOn(branch.getThenStatement())
              || goesOn(branch.getElseStatement());
      case SwitchTree choice ->
          choice.getCases().stream()
                  .flatMap(each -> each.getLabels().stream())
                  .noneMatch(DefaultCaseLabelTree.class::isInstance)
              || choice.getCases().stream().anyMatch(Flow::goesOn);
      default -> true;
    };
  }

  /**
   * Whether each way through the statements, or the expression that a case is, ends in a throw:
   * none goes on, none leaves.
   */
  static boolean fail(List<TreePath> statements) {
    return !goOn(statements) && statements.stream().noneMatch(path -> leaves(path.getLeaf()));
  }

  /** Whether what follows the statements may be reached through them. */
  static boolean goOn(List<TreePath> statements) {
    return statements.stream()
        .allMatch(path -> !(path.getLeaf() instanceof StatementTree tree) || goesOn(tree));
  }

  /** Behind a switch goes on what breaks, or comes to its end. */
  private static boolean goesOn(CaseTree label) {
    List<? extends StatementTree> statements = label.getStatements();
    if (statements == null) {
      return !(label.getBody() instanceof StatementTree body) || goesOn(body) || breaks(body);
    }
    return statements.stream().allMatch(Flow::goesOn) || statements.stream().anyMatch(Flow::breaks);
  }
}
