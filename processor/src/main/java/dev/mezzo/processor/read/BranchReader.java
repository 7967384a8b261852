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
import java.util.function.Supplier;
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
  private final Exits exits;

  BranchReader(
      LayerContext context,
      FunctionScope scope,
      TensorReader tensors,
      BlockReader blocks,
      Exits exits) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.blocks = blocks;
    this.exits = exits;
  }

  /** What stands in one way of a branch: statements, or a choice between further ways. */
  sealed interface Way {
    /** The statements of all ways. */
    List<TreePath> statements();

    /** Whether a return, break or continue within leads out of it. */
    default boolean leaves() {
      return statements().stream().anyMatch(path -> Flow.leaves(path.getLeaf()));
    }

    /** Whether what follows the branch may be reached through it. */
    boolean goesOn();

    /** Whether each way ends in a return. */
    boolean returns();

    /** Whether each way ends in a throw. */
    boolean fails();
  }

  /** Statements in order. */
  record Straight(List<TreePath> statements) implements Way {
    @Override
    public boolean goesOn() {
      return Flow.goOn(statements);
    }

    @Override
    public boolean returns() {
      return statements.stream().anyMatch(path -> Flow.returns(path.getLeaf()));
    }

    @Override
    public boolean fails() {
      return Flow.fail(statements);
    }
  }

  /**
   * One of two ways.
   *
   * @param condition reads it; null if that fails, which is reported
   */
  record Choice(
      TreePath path, Supplier<Argument.@Nullable Plain> condition, Way then, Way otherwise)
      implements Way {
    @Override
    public List<TreePath> statements() {
      return both(then.statements(), otherwise.statements());
    }

    @Override
    public boolean goesOn() {
      return then.goesOn() || otherwise.goesOn();
    }

    @Override
    public boolean returns() {
      return then.returns() && otherwise.returns();
    }

    @Override
    public boolean fails() {
      return then.fails() && otherwise.fails();
    }
  }

  /** The choice that an if is. */
  Choice choice(TreePath path, IfTree tree) {
    StatementTree other = tree.getElseStatement();
    return new Choice(
        path,
        () -> tensors.plain().read(Flow.unwrapped(child(path, tree.getCondition()))),
        new Straight(Flow.statements(child(path, tree.getThenStatement()))),
        new Straight(other == null ? List.of() : Flow.statements(child(path, other))));
  }

  /**
   * Reads a branch.
   *
   * @param rest the statements behind it
   * @return whether they are read, too
   */
  boolean read(Way way, List<TreePath> rest) {
    return switch (way) {
      case Straight(List<TreePath> statements) -> {
        blocks.read(both(statements, rest));
        yield true;
      }
      case Choice choice -> read(choice, rest);
    };
  }

  private boolean read(Choice choice, List<TreePath> rest) {
    boolean leaves = choice.leaves();
    boolean thenGoesOn = choice.then().goesOn();
    boolean otherGoesOn = choice.otherwise().goesOn();
    if (leaves && thenGoesOn && otherGoesOn && !rest.isEmpty()) {
      left(
          choice.path(),
          choice.statements().stream().anyMatch(each -> Flow.returns(each.getLeaf())),
          rest,
          () -> read(choice, List.of()));
      return true;
    }
    Argument.@Nullable Plain condition = choice.condition().get();
    read(
        choice.path(),
        condition,
        way(choice.then(), leaves && thenGoesOn ? rest : List.of()),
        way(choice.otherwise(), leaves && otherGoesOn ? rest : List.of()),
        List::of);
    return leaves;
  }

  /**
   * Reads a loop or branch that some ways leave, and what is behind it for the others.
   *
   * @param returns whether they leave it by a return, too
   * @param construct reads the loop or branch
   */
  void left(TreePath path, boolean returns, List<TreePath> rest, Runnable construct) {
    Exits.Left left = exits.from(path, returns);
    exits.reading(left, construct);
    boolean outermost = !exits.within();
    Runnable result = () -> exits.result(left, blocks.resultName(), path);
    Straight all = new Straight(rest);
    Reading behind =
        new Reading(rest, outermost && all.returns(), all.fails(), () -> blocks.read(rest));
    if (!outermost) {
      Reading nothing = new Reading(List.of(), false, false, () -> {});
      read(path, exits.condition(left, false, path), behind, nothing, List::of);
    } else if (rest.isEmpty()) {
      result.run();
    } else {
      Reading returned = new Reading(List.of(), true, false, result);
      read(path, exits.condition(left, true, path), returned, behind, List::of);
    }
  }

  /** A way with what follows it. */
  private Reading way(Way way, List<TreePath> rest) {
    return new Reading(
        both(way.statements(), rest),
        !exits.within() && (way.returns() || new Straight(rest).returns()),
        way.fails() || (!way.leaves() && new Straight(rest).fails()),
        () -> {
          if (!read(way, rest)) {
            blocks.read(rest);
          }
        });
  }

  /**
   * How one way is read.
   *
   * @param statements all that is in it
   * @param returns whether it returns
   * @param fails whether it throws, however it goes
   */
  record Reading(List<TreePath> statements, boolean returns, boolean fails, Runnable reader) {}

  /**
   * A branch between two ways; of which a null condition is reported already. Of a way that throws
   * nothing comes out: the other one stands behind it.
   *
   * @param more what comes out of it besides local variables
   */
  void read(
      TreePath path,
      Argument.@Nullable Plain condition,
      Reading then,
      Reading otherwise,
      Supplier<List<Statement.Join>> more) {
    if (then.fails()) {
      guard(path, condition, then);
      otherwise.reader().run();
      return;
    }
    if (otherwise.fails()) {
      guard(path, condition == null ? null : tensors.plain().not(condition), otherwise);
      then.reader().run();
      return;
    }
    Ways ways =
        new Ways(
            both(then.statements(), otherwise.statements()), then.returns() && otherwise.returns());
    Block first = scope.block(() -> ways.then(then.reader()));
    Block second = scope.block(() -> ways.otherwise(otherwise.reader()));
    List<Statement.Join> joins = ways.joins(context.at(path));
    joins.addAll(more.get());
    if (condition != null
        && !(first.statements().isEmpty() && second.statements().isEmpty() && joins.isEmpty())) {
      scope.add(new Statement.If(condition, first, second, joins, context.at(path)));
    }
  }

  /** A way that throws; what stands on the other one stands behind. */
  private void guard(TreePath path, Argument.@Nullable Plain condition, Reading fails) {
    Map<Element, Binding> before = scope.bindings();
    Optional<Returned> returned = scope.returned();
    Block failure = scope.block(fails.reader());
    scope.restore(before);
    scope.returns(returned);
    if (condition != null && !failure.statements().isEmpty()) {
      Block nothing = new Block(List.of());
      scope.add(new Statement.If(condition, failure, nothing, List.of(), context.at(path)));
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

    Ways(List<TreePath> statements, boolean returns) {
      for (TreePath statement : statements) {
        for (Element local : Assignments.written(statement, context.resolver())) {
          if (isTensor(before.get(local))) {
            names.computeIfAbsent(local, _ -> scope.names().own(local.getSimpleName().toString()));
          }
        }
      }
      result = returns ? scope.names().derived(blocks.resultName()) : "";
    }

    private boolean isTensor(@Nullable Binding binding) {
      return binding instanceof FunctionScope.OfValue
          || binding instanceof FunctionScope.OfParameter
          || binding instanceof FunctionScope.OfRecord
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
        List<Argument.OfTensor> parts = new ArrayList<>();
        for (int i = 0; i < returned.get().parts().size(); i++) {
          var value = scope.newValue(i == 0 ? result : scope.names().derived(result));
          joins.add(
              new Statement.Join(value, returned.get().parts().get(i), other.get().parts().get(i)));
          parts.add(new Argument.OfValue(value, position));
        }
        boolean record = returned.get().record();
        scope.returns(Optional.of(new Returned(parts, record, position)));
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
      if (a instanceof FunctionScope.OfRecord(var of, var then)
          && b instanceof FunctionScope.OfRecord(var _, var otherwise)) {
        List<Argument.OfTensor> parts = new ArrayList<>();
        for (int i = 0; i < then.size(); i++) {
          String own = RecordReader.name(local.getSimpleName().toString(), of.get(i));
          var value = scope.newValue(scope.names().derived(own));
          joins.add(new Statement.Join(value, then.get(i), otherwise.get(i)));
          parts.add(new Argument.OfValue(value, position));
        }
        return new FunctionScope.OfRecord(of, parts);
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
