package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Puts element-wise operations that follow one another into one: a value that only they read is
 * never in memory. The gradients of the whole are computed in one pass, too; what it needs between
 * is computed again from its operands.
 *
 * <p>An operation joins those that read its result if nobody else reads it, if no branch or loop
 * lies between, and if not more stays for backward than before. One whose operands are parameters
 * alone stays alone: it is small, and would be computed again for each row that it is repeated to.
 *
 * <p>Where such a group, or a single operation, alone reads the result of an operation that offers
 * it, the kernel of that one computes it before it rounds and stores: the operation stands right in
 * front of it then, and its result is never in memory. So no gradient may read that.
 */
final class FusionPlanner {
  /** Longer formulas are not read any more. */
  private static final int LONGEST = 160;

  private final TypedFunction function;
  private final Activity activity;
  private final Set<String> constants;
  private final SavedTensors saved;
  private final Map<Value, Set<Node>> readers = new HashMap<>();
  private final Set<Value> seen = new HashSet<>();
  private final List<FusedExpression> expressions = new ArrayList<>();

  private FusionPlanner(TypedFunction function, Activity activity, Set<String> constants) {
    this.function = function;
    this.activity = activity;
    this.constants = constants;
    this.saved = new SavedTensors(function, activity);
  }

  /**
   * The function with expressions in place of operations.
   *
   * @param constants names of the layer that are taken; those of the expressions are added
   */
  static TypedFunction plan(TypedFunction function, Activity activity, Set<String> constants) {
    FusionPlanner planner = new FusionPlanner(function, activity, constants);
    function.all().forEach(planner::note);
    planner.escapes(function.result());
    return function.with(planner.body(function.body()), planner.expressions);
  }

  private void note(Node node) {
    for (Node.Operand operand : node.operands()) {
      switch (operand) {
        case Node.Operand.OfValue(Value value) ->
            readers.computeIfAbsent(value, _ -> identities()).add(node);
        case Node.Operand.OfPlain(var plain) -> seen.addAll(plain.reads());
        case Node.Operand.OfParameter parameter -> {}
      }
    }
    node.reads().stream().filter(read -> !node.operands().contains(read)).forEach(this::escapes);
  }

  /** Nodes are many and large: they are told apart without comparing what is in them. */
  private static Set<Node> identities() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  /** The value is read by something else than an operation: it has to be there. */
  private void escapes(Node.Operand operand) {
    if (operand instanceof Node.Operand.OfValue(Value value)) {
      seen.add(value);
    }
  }

  private Body body(Body body) {
    Map<Integer, List<Node>> replaced = new HashMap<>();
    Set<Integer> absorbed = new HashSet<>();
    for (int i = body.nodes().size() - 1; i >= 0; i--) {
      if (!absorbed.contains(i) && isFusable(body.nodes().get(i))) {
        FusedGroup group = grow(body, i);
        Optional<Integer> producer = producer(body, group);
        if (producer.isPresent() && body.nodes().get(producer.get()) instanceof Node.Apply made) {
          group = group.finishing(constants, body, made);
          absorbed.add(producer.get());
          replaced.put(i, List.of(made, group.node()));
        } else if (group.members().size() > 1) {
          replaced.put(i, List.of(group.node()));
        }
        if (replaced.containsKey(i)) {
          absorbed.addAll(group.members().headSet(i));
          add(group.expression());
        }
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < body.nodes().size(); i++) {
      if (!absorbed.contains(i)) {
        Node node = body.nodes().get(i);
        nodes.addAll(replaced.containsKey(i) ? replaced.get(i) : List.of(inner(node)));
      }
    }
    return new Body(body.id(), nodes);
  }

  private void add(FusedExpression expression) {
    expressions.addFirst(expression);
    constants.add(expression.constant());
    if (expression.gradient().isPresent()) {
      constants.add(FusedExpression.gradientOf(expression.constant()));
    }
  }

  /** The last operation whose kernel can compute the group on its own result. */
  private Optional<Integer> producer(Body body, FusedGroup group) {
    Set<Node> within = new HashSet<>();
    group.members().forEach(i -> within.add(body.nodes().get(i)));
    int root = group.members().last();
    for (int i = root - 1; i >= 0; i--) {
      if (body.nodes().get(i) instanceof Node.Apply apply
          && !group.members().contains(i)
          && group.outside().contains(apply.result())
          && Finishing.offers(apply)
          && isReadBy(within, apply.result())
          && !group.gradientReads(apply.result())
          && function.of(apply.result()) == function.of(group.result())
          && mayMove(body, i, root)
          && drawsInOrder(body, i, root)) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  /** Random numbers are drawn in the order of the source, and states move in it. */
  private static boolean drawsInOrder(Body body, int from, int to) {
    return !mayDraw(body.nodes().get(from))
        || body.nodes().subList(from + 1, to).stream().noneMatch(FusionPlanner::mayDraw);
  }

  private static boolean mayDraw(Node node) {
    return node instanceof Node.Apply apply
        ? switch (apply.callee()) {
          case Node.Callee.OfOperation(var operation) -> operation.taped();
          case Node.Callee.OfLayer _, Node.Callee.OfFunction _ -> true;
          case Node.Callee.OfArray _, Node.Callee.OfElement _ -> false;
        }
        : !node.bodies().isEmpty();
  }

  private Node inner(Node node) {
    return switch (node) {
      case Node.If(var condition, Body then, Body otherwise, var joins, var position) ->
          new Node.If(condition, body(then), body(otherwise), joins, position);
      case Node.Loop(var head, var carried, var stop, Body within, var position) ->
          new Node.Loop(head, carried, stop, body(within), position);
      default -> node;
    };
  }

  /** The largest group whose result is that of one node. */
  private FusedGroup grow(Body body, int root) {
    TreeSet<Integer> members = new TreeSet<>(Set.of(root));
    FusedGroup group = group(body, members);
    Set<Integer> refused = new HashSet<>();
    while (true) {
      Optional<Integer> next = candidate(body, group, refused);
      if (next.isEmpty()) {
        return group;
      }
      TreeSet<Integer> more = new TreeSet<>(group.members());
      more.add(next.get());
      FusedGroup larger = group(body, more);
      Node alone = body.nodes().get(next.get());
      List<Node> apart =
          List.of(group.nodes().size() == 1 ? body.nodes().get(root) : group.node(), alone);
      List<Node> all = larger.nodes();
      boolean accepted =
          larger.longest() <= LONGEST
              && saved.bytes(List.of(larger.node()), all) <= saved.bytes(apart, all);
      if (accepted) {
        group = larger;
      } else {
        refused.add(next.get());
      }
    }
  }

  private FusedGroup group(Body body, SortedSet<Integer> members) {
    return FusedGroup.of(activity, constants, body, members);
  }

  /** A node that makes what only the group reads. */
  private Optional<Integer> candidate(Body body, FusedGroup group, Set<Integer> refused) {
    Set<Node> within = identities();
    within.addAll(group.nodes());
    int root = group.members().last();
    for (int i = root - 1; i >= 0; i--) {
      Node node = body.nodes().get(i);
      if (!group.members().contains(i)
          && !refused.contains(i)
          && node.made().filter(value -> isReadBy(within, value)).isPresent()
          && isFusable(node)
          && isLarge(node)
          && mayMove(body, i, root)) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }

  private boolean isReadBy(Set<Node> within, Value value) {
    Set<Node> all = readers.getOrDefault(value, Set.of());
    return !all.isEmpty() && within.containsAll(all) && !seen.contains(value);
  }

  private static boolean isLarge(Node node) {
    return node.operands().stream().anyMatch(Node.Operand.OfValue.class::isInstance);
  }

  /** Plain code must give the same at the place of the last operation. */
  private static boolean mayMove(Body body, int from, int to) {
    boolean fixed =
        body.nodes().get(from).operands().stream()
            .allMatch(
                operand ->
                    !(operand instanceof Node.Operand.OfPlain(var plain)) || plain.repeatable());
    return fixed
        || body.nodes().subList(from, to).stream()
            .noneMatch(
                node ->
                    node instanceof Node.Assign
                        || node instanceof Node.Effect
                        || !node.bodies().isEmpty());
  }

  private boolean isFusable(Node node) {
    return switch (node) {
      case Node.Cast cast -> cast.operand() instanceof Node.Operand.OfValue;
      case Node.Apply apply ->
          apply.callee() instanceof Node.Callee.OfOperation(var operation)
              && function.of(apply.result()) != Precision.ANY
              && isFusable(apply, operation);
      default -> false;
    };
  }

  private boolean isFusable(Node.Apply node, OperationModel operation) {
    if (operation.rules().fuse().isEmpty()
        || operation.taped()
        || operation.view()
        || node.operands().size() != operation.operands().size()) {
      return false;
    }
    for (int i = 0; i < node.operands().size(); i++) {
      OperationModel.Operand operand = operation.operands().get(i);
      boolean active = operand.tensor() && !activity.of(node.operands().get(i)).never();
      Optional<GradientModel> gradient = operation.gradient(operand.name());
      if ((active && gradient.isPresent() && gradient.get().fuse().isEmpty())
          || !(operand.tensor() || operand.type().equals("float"))) {
        return false;
      }
    }
    return true;
  }
}
