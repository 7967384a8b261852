package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;
import static java.util.Objects.requireNonNull;

import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.YieldTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Argument.OfTensor;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.SwitchCases.Comparisons;
import dev.mezzo.processor.read.SwitchCases.Group;
import dev.mezzo.processor.read.TensorReader.Naming;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads choices in expressions: a branch that a tensor, or each component of a record, comes out
 * of. No parts stand for what could not be read and has been reported.
 */
final class ChoiceReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final SwitchCases cases;
  private @Nullable BlockReader blocks;
  private @Nullable BranchReader branches;

  ChoiceReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.cases = new SwitchCases(context, scope, tensors);
  }

  /** The readers of what stands in cases. */
  void within(BlockReader blocks, BranchReader branches) {
    this.blocks = blocks;
    this.branches = branches;
  }

  /**
   * What is chosen.
   *
   * @param way reads what one way gives: its tensor, or a record's components
   * @param names of what comes out
   * @param others of what comes out of a choice within
   */
  private record Wanted(
      Function<TreePath, List<OfTensor>> way, List<Naming> names, List<Naming> others) {
    Wanted within() {
      return new Wanted(way, others, others);
    }
  }

  /** Whether an expression is a choice. */
  static boolean isChoice(TreePath path) {
    return path.getLeaf() instanceof ConditionalExpressionTree
        || path.getLeaf() instanceof SwitchExpressionTree;
  }

  /** A choice between tensors. */
  @Nullable OfTensor tensor(TreePath path, @Nullable Naming naming) {
    Naming chosen = new Naming("chosen", false);
    Wanted wanted =
        new Wanted(
            way -> {
              OfTensor tensor = tensors.read(way);
              return tensor == null ? List.of() : List.of(tensor);
            },
            List.of(naming == null ? chosen : naming),
            List.of(chosen));
    List<OfTensor> parts = read(path, wanted);
    return parts.isEmpty() ? null : parts.getFirst();
  }

  /**
   * A choice between records of tensors, as their components.
   *
   * @param way reads the components of one
   * @param own what the record is called
   */
  List<OfTensor> record(
      TreePath path, List<String> components, String own, Function<TreePath, List<OfTensor>> way) {
    return read(path, new Wanted(way, names(components, own), names(components, "chosen")));
  }

  private static List<Naming> names(List<String> components, String record) {
    return components.stream()
        .map(component -> new Naming(RecordReader.name(record, component), false))
        .toList();
  }

  private List<OfTensor> read(TreePath path, Wanted wanted) {
    return switch (path.getLeaf()) {
      case ConditionalExpressionTree tree -> conditional(path, tree, wanted);
      case SwitchExpressionTree tree ->
          cases
              .read(path, tree.getCases(), tree.getExpression())
              .map(read -> cases(read.groups(), 0, read.comparisons(), wanted))
              .orElse(List.of());
      default -> throw new IllegalArgumentException("no choice: " + path.getLeaf());
    };
  }

  /** {@code deep ? relu(x) : x}. */
  private List<OfTensor> conditional(TreePath path, ConditionalExpressionTree tree, Wanted wanted) {
    Argument.@Nullable Plain condition = tensors.plain().read(child(path, tree.getCondition()));
    List<OfTensor> first = new ArrayList<>();
    List<OfTensor> second = new ArrayList<>();
    Block then =
        scope.block(() -> first.addAll(wanted.way().apply(child(path, tree.getTrueExpression()))));
    Block otherwise =
        scope.block(
            () -> second.addAll(wanted.way().apply(child(path, tree.getFalseExpression()))));
    List<Statement.Join> joins = joins(first, second, wanted);
    if (condition == null || joins.isEmpty()) {
      return List.of();
    }
    scope.add(new Statement.If(condition, then, otherwise, joins, context.at(path)));
    return results(joins, path);
  }

  /** What the cases from an index on give; the last one is for all that is left. */
  private List<OfTensor> cases(
      List<Group> groups, int index, Comparisons comparisons, Wanted wanted) {
    Group group = groups.get(index);
    if (index == groups.size() - 1) {
      return yielded(group, wanted);
    }
    List<OfTensor> first = new ArrayList<>();
    List<OfTensor> second = new ArrayList<>();
    List<OfTensor> joined = new ArrayList<>();
    List<Group> others = groups.subList(index + 1, groups.size());
    List<TreePath> rest = others.stream().flatMap(other -> other.body().stream()).toList();
    boolean fails = Flow.fail(group.body());
    boolean othersFail = others.stream().allMatch(other -> Flow.fail(other.body()));
    requireNonNull(branches)
        .read(
            group.path(),
            comparisons.with(List.of(group)),
            way(group.body(), fails, () -> first.addAll(yielded(group, wanted))),
            way(
                rest,
                othersFail,
                () -> second.addAll(cases(groups, index + 1, comparisons, wanted.within()))),
            () -> {
              List<Statement.Join> joins = joins(first, second, wanted);
              joined.addAll(results(joins, group.path()));
              return joins;
            });
    return fails ? second : othersFail ? first : joined;
  }

  private static BranchReader.Reading way(
      List<TreePath> statements, boolean fails, Runnable reader) {
    return new BranchReader.Reading(statements, false, fails, reader);
  }

  private List<Statement.Join> joins(List<OfTensor> first, List<OfTensor> second, Wanted wanted) {
    List<Statement.Join> joins = new ArrayList<>();
    for (int i = 0; i < Math.min(first.size(), second.size()); i++) {
      Naming naming = wanted.names().get(i);
      Value result = scope.newValue(tensors.name(naming.name(), naming));
      joins.add(new Statement.Join(result, first.get(i), second.get(i)));
    }
    return joins;
  }

  private List<OfTensor> results(List<Statement.Join> joins, TreePath path) {
    return joins.stream()
        .<OfTensor>map(join -> new Argument.OfValue(join.result(), context.at(path)))
        .toList();
  }

  /** What a case yields, behind its statements. */
  private List<OfTensor> yielded(Group group, Wanted wanted) {
    List<TreePath> body = group.body();
    TreePath last = body.getLast();
    if (last.getLeaf() instanceof ExpressionTree) {
      return wanted.way().apply(last);
    }
    if (!(last.getLeaf() instanceof YieldTree result)) {
      requireNonNull(blocks).read(body);
      return List.of();
    }
    List<TreePath> before = body.subList(0, body.size() - 1);
    if (before.stream().anyMatch(ChoiceReader::yields)) {
      context.complaints().unsupported(group.path(), Constructs.SWITCH_EXIT, scope.function());
      return List.of();
    }
    requireNonNull(blocks).read(before);
    return wanted.way().apply(child(last, result.getValue()));
  }

  /** Whether a yield of this switch stands within. */
  private static boolean yields(TreePath path) {
    boolean[] found = {false};
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitSwitchExpression(
          SwitchExpressionTree tree, @Nullable Void unused) {
        return null;
      }

      @Override
      public @Nullable Void visitYield(YieldTree tree, @Nullable Void unused) {
        found[0] = true;
        return null;
      }
    }.scan(path.getLeaf(), null);
    return found[0];
  }
}
