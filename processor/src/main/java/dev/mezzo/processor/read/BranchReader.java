package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.IfTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.read.FunctionScope.Binding;
import dev.mezzo.processor.read.FunctionScope.Returned;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.lang.model.element.Element;
import org.jspecify.annotations.Nullable;

/**
 * Reads branches. Where one way leaves, by return, break or continue, what follows the branch
 * belongs to the other: so there is one way in and one way out.
 */
final class BranchReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final BlockReader blocks;

  BranchReader(
      LayerContext context, FunctionScope scope, TensorReader tensors, BlockReader blocks) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.blocks = blocks;
  }

  /**
   * Reads a branch.
   *
   * @param rest the statements behind it
   * @return whether they are read, too
   */
  boolean read(TreePath path, IfTree tree, List<TreePath> rest) {
    StatementTree other = tree.getElseStatement();
    List<TreePath> then = Flow.statements(child(path, tree.getThenStatement()));
    List<TreePath> otherwise = other == null ? List.of() : Flow.statements(child(path, other));
    boolean leaves = Flow.leaves(tree);
    boolean thenGoesOn = Flow.goesOn(tree.getThenStatement());
    boolean otherGoesOn = other == null || Flow.goesOn(other);
    if (leaves && thenGoesOn && otherGoesOn && !rest.isEmpty()) {
      context.complaints().unsupported(path, Constructs.NESTED_EXIT, scope.function());
      return false;
    }
    Argument.@Nullable Plain condition =
        tensors.plain().read(Flow.unwrapped(child(path, tree.getCondition())));
    read(
        path,
        condition,
        leaves && thenGoesOn ? both(then, rest) : then,
        leaves && otherGoesOn ? both(otherwise, rest) : otherwise);
    return leaves;
  }

  /** A branch between two lists of statements; of which a null condition is reported already. */
  void read(
      TreePath path,
      Argument.@Nullable Plain condition,
      List<TreePath> then,
      List<TreePath> otherwise) {
    Ways ways = new Ways(then, otherwise);
    Block first = scope.block(() -> ways.then(() -> blocks.read(then)));
    Block second = scope.block(() -> ways.otherwise(() -> blocks.read(otherwise)));
    List<Statement.Join> joins = ways.joins(context.at(path));
    if (condition != null
        && !(first.statements().isEmpty() && second.statements().isEmpty() && joins.isEmpty())) {
      scope.add(new Statement.If(condition, first, second, joins, context.at(path)));
    }
  }

  private static List<TreePath> both(List<TreePath> first, List<TreePath> second) {
    List<TreePath> joined = new ArrayList<>(first);
    joined.addAll(second);
    return joined;
  }

  /** What the names stand for at the end of each way, and what they stand for behind. */
  private final class Ways {
    private final Map<Element, Binding> before = scope.bindings();
    private final Map<Element, String> names = new LinkedHashMap<>();
    private final Optional<Returned> returnedBefore = scope.returned();
    private final String result;
    private Map<Element, Binding> afterThen = Map.of();
    private Optional<Returned> returned = Optional.empty();

    Ways(List<TreePath> then, List<TreePath> otherwise) {
      for (TreePath statement : both(then, otherwise)) {
        for (Element local : Assignments.written(statement, context.resolver())) {
          if (isTensor(before.get(local))) {
            names.computeIfAbsent(local, _ -> scope.names().own(local.getSimpleName().toString()));
          }
        }
      }
      boolean returned = returns(then) && returns(otherwise);
      result = returned ? scope.names().derived(blocks.resultName()) : "";
    }

    private boolean returns(List<TreePath> statements) {
      return statements.stream().anyMatch(path -> Flow.returns(path.getLeaf()));
    }

    private boolean isTensor(@Nullable Binding binding) {
      return binding instanceof FunctionScope.OfValue
          || binding instanceof FunctionScope.OfParameter
          || binding instanceof FunctionScope.Unassigned;
    }

    void then(Runnable reader) {
      reader.run();
      afterThen = scope.bindings();
      returned = scope.returned();
      scope.restore(before);
      scope.returns(returnedBefore);
    }

    void otherwise(Runnable reader) {
      reader.run();
    }

    List<Statement.Join> joins(SourcePosition position) {
      List<Statement.Join> joins = new ArrayList<>();
      Optional<Returned> other = scope.returned();
      if (returned.isPresent() && other.isPresent() && !result.isEmpty()) {
        var value = scope.newValue(result);
        joins.add(new Statement.Join(value, returned.get().result(), other.get().result()));
        scope.returns(Optional.of(new Returned(new Argument.OfValue(value, position), position)));
        scope.restore(before);
        return joins;
      }
      Map<Element, Binding> afterOther = scope.bindings();
      scope.restore(before);
      for (Map.Entry<Element, Binding> entry : before.entrySet()) {
        Element local = entry.getKey();
        Binding a = afterThen.getOrDefault(local, entry.getValue());
        Binding b = afterOther.getOrDefault(local, entry.getValue());
        scope.bind(local, a.equals(b) ? a : joined(local, a, b, position, joins));
      }
      return joins;
    }

    private Binding joined(
        Element local, Binding a, Binding b, SourcePosition position, List<Statement.Join> joins) {
      if (a instanceof FunctionScope.Unassigned || b instanceof FunctionScope.Unassigned) {
        return new FunctionScope.Unassigned();
      }
      Optional<Argument.OfTensor> first = Binding.tensor(a, position);
      Optional<Argument.OfTensor> second = Binding.tensor(b, position);
      if (first.isEmpty() || second.isEmpty()) {
        return new FunctionScope.Broken();
      }
      String name = names.get(local);
      var value =
          scope.newValue(name == null ? scope.names().own(local.getSimpleName().toString()) : name);
      joins.add(new Statement.Join(value, first.get(), second.get()));
      return new FunctionScope.OfValue(value);
    }
  }
}
