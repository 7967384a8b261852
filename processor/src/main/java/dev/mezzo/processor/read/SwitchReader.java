package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BreakTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.read.SwitchCases.Comparisons;
import dev.mezzo.processor.read.SwitchCases.Group;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * Reads switches on constants, as branches: one comparison after the other, in the order of the
 * cases. A selector that is null throws, as in the source, unless a case is for it.
 */
final class SwitchReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final SwitchCases cases;

  SwitchReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.cases = new SwitchCases(context, scope, tensors);
  }

  /** A statement; empty where it cannot be read, which is reported. */
  Optional<BranchReader.Way> choice(TreePath path, SwitchTree tree) {
    Optional<SwitchCases.Read> read = cases.read(path, tree.getCases(), tree.getExpression());
    return read.map(all -> choice(path, all.groups(), all.comparisons()));
  }

  private BranchReader.Way choice(TreePath path, List<Group> groups, Comparisons comparisons) {
    BranchReader.Way others = new BranchReader.Straight(List.of());
    List<Case> staying = new ArrayList<>();
    List<Case> leaving = new ArrayList<>();
    for (Group group : groups) {
      BranchReader.Way way = new BranchReader.Straight(statements(group));
      if (group.others()) {
        others = way;
      } else {
        (way.goesOn() ? staying : leaving).add(new Case(group, way));
      }
    }
    BranchReader.Way rest = chain(staying, others, comparisons);
    if (!others.goesOn() && staying.size() > 1) {
      List<Group> any = staying.stream().map(Case::group).toList();
      Case last = staying.removeLast();
      BranchReader.Way one = chain(staying, last.way(), comparisons);
      rest = new BranchReader.Choice(path, () -> comparisons.with(any), one, others);
    }
    return chain(leaving, rest, comparisons);
  }

  private record Case(Group group, BranchReader.Way way) {}

  /** One comparison after the other; which order is all one, since the constants differ. */
  private static BranchReader.Way chain(
      List<Case> cases, BranchReader.Way rest, Comparisons comparisons) {
    BranchReader.Way chain = rest;
    for (Case each : cases.reversed()) {
      List<Group> group = List.of(each.group());
      chain =
          new BranchReader.Choice(
              each.group().path(), () -> comparisons.with(group), each.way(), chain);
    }
    return chain;
  }

  /** {@code case RELU -> 1;} with cases for plain values, printed as they are. */
  @Nullable String plain(TreePath path, SwitchExpressionTree tree, PlainPrinter printer) {
    Optional<List<Group>> groups = cases.groups(path, tree.getCases(), tree.getExpression());
    String selector = printer.print(Flow.unwrapped(child(path, tree.getExpression())));
    if (groups.isEmpty() || selector == null) {
      return null;
    }
    TypeMirror type = context.resolver().type(child(path, tree.getExpression()));
    StringBuilder code = new StringBuilder("switch (" + selector + ") { ");
    for (Group group : groups.get()) {
      TreePath body = group.body().getLast();
      boolean fails = body.getLeaf() instanceof ThrowTree;
      if (group.body().size() > 1 || !(fails || body.getLeaf() instanceof ExpressionTree)) {
        context.complaints().unsupported(group.path(), Constructs.PLAIN_SWITCH, scope.function());
        return null;
      }
      String labels = cases.labels(group, type, printer);
      if (labels == null) {
        return null;
      }
      String value = fails ? printer.effect(body) : printer.print(body);
      if (value == null) {
        return null;
      }
      code.append(labels.equals("default") ? labels : "case " + labels);
      code.append(" -> ").append(value).append("; ");
    }
    return code.append("}").toString();
  }

  /** The statements of a case, without the break at their end. */
  private static List<TreePath> statements(Group group) {
    List<TreePath> body = group.body();
    boolean ended = !body.isEmpty() && isBreak(body.getLast().getLeaf());
    return ended ? body.subList(0, body.size() - 1) : body;
  }

  private static boolean isBreak(Tree tree) {
    return tree instanceof BreakTree exit && exit.getLabel() == null;
  }
}
