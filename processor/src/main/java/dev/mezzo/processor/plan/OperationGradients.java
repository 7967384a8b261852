package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The part of the backward program that calls the gradient methods of an operation. */
final class OperationGradients {
  private final TypedFunction function;
  private final Activity activity;
  private final Adjoints adjoints;
  private final SavedReads reads;
  private final Names names;

  OperationGradients(
      TypedFunction function, Activity activity, Adjoints adjoints, SavedReads reads, Names names) {
    this.function = function;
    this.activity = activity;
    this.adjoints = adjoints;
    this.reads = reads;
    this.names = names;
  }

  /**
   * The operand of a taped operation whose gradient takes the by-products off the tape, if it is
   * needed.
   */
  static Optional<GradientModel> tapedGradient(Node.Apply node, Activity activity) {
    if (activity.of(node).never()
        || !(node.callee() instanceof Node.Callee.OfOperation(OperationModel operation))) {
      return Optional.empty();
    }
    return IntStream.range(0, node.operands().size())
        .filter(i -> node.differentiable().get(i))
        .filter(i -> !activity.of(node.operands().get(i)).never())
        .mapToObj(i -> operation.gradient(Signatures.operand(operation, i).name()).orElseThrow())
        .filter(GradientModel::taped)
        .findFirst();
  }

  /**
   * Adds the gradients of its operands to theirs: those that may be unwanted last, since what is
   * made again of parameters in a body is there in that body only.
   */
  void add(Place place, Node.Apply node, OperationModel operation, Input dy) {
    List<Boolean> differentiable = node.differentiable();
    Stream<Integer> needed =
        IntStream.iterate(differentiable.size() - 1, i -> i >= 0, i -> i - 1)
            .filter(differentiable::get)
            .filter(i -> !activity.of(node.operands().get(i)).never())
            .boxed()
            .sorted((i, j) -> Boolean.compare(depends(node, i), depends(node, j)));
    Map<String, Together> arrays = new HashMap<>();
    needed.forEach(
        i -> {
          GradientModel gradient = gradient(operation, i);
          Node.Operand operand = node.operands().get(i);
          String name =
              function.fused(operation).map(FusedExpression::body).orElse(operation.name());
          String source = Sources.of(function, node, name);
          if (gradient.joint()) {
            Together all =
                arrays.computeIfAbsent(
                    gradient.method(), method -> together(place, node, gradient, dy));
            Expression element = new Expression.Element(all.array, gradient.element());
            if (operand instanceof Node.Operand.OfValue(Value value)
                && all.added.contains(gradient.operand())) {
              adjoints.replace(value, element, source, node.position());
            } else {
              adjoints.add(operand, element, source, node.position());
            }
            return;
          }
          Expression expression = call(place, node, gradient, dy);
          if (operand instanceof Node.Operand.OfValue(Value value) && value.several()) {
            addAll(node, value, expression);
          } else if (adds(gradient) && expression instanceof Expression.Gradient call) {
            adjoints.addTo(operand, call, source, node.position());
          } else {
            adjoints.add(operand, expression, source, node.position());
          }
        });
  }

  /**
   * The gradients of several operands.
   *
   * @param array that holds them
   * @param added the operands whose gradients are the sums of all, as the method was given the sum
   *     before
   */
  private record Together(Value array, Set<String> added) {}

  private static boolean adds(GradientModel gradient) {
    return gradient.adds() || gradient.owner().equals(FusedExpression.OWNER);
  }

  private Expression call(Place place, Node.Apply node, GradientModel gradient, Input dy) {
    if (gradient.owner().equals(FusedExpression.OWNER)) {
      return fused(place, node, gradient, dy);
    }
    return new Expression.Operation(
        gradient.owner(), gradient.method(), inputs(place, node, gradient, dy));
  }

  private Expression fused(Place place, Node.Apply node, GradientModel gradient, Input dy) {
    List<Input> inputs = inputs(place, node, gradient, dy);
    List<Input> numbers = new ArrayList<>();
    List<Input> tensors = new ArrayList<>();
    List<Input> layouts = new ArrayList<>();
    List<Need> wanted = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      switch (gradient.reads().get(i)) {
        case Read.OfWanted flag ->
            wanted.add(activity.of(node.operands().get(SavePlan.operand(node, flag.operand()))));
        case Read.OfOperand(String name, boolean layoutOnly) -> {
          boolean tensor = node.operands().get(SavePlan.operand(node, name)).tensor();
          (layoutOnly ? layouts : tensor ? tensors : numbers).add(inputs.get(i));
        }
        default -> tensors.add(inputs.get(i));
      }
    }
    return new Expression.Fused(
        gradient.method(),
        numbers,
        tensors,
        Optional.empty(),
        layouts,
        wanted.isEmpty() ? Collections.nCopies(layouts.size(), Need.ALWAYS) : wanted,
        List.of(),
        List.of());
  }

  /** The array that a gradient method of several operands returns, if any of them is needed. */
  private Together together(Place place, Node.Apply node, GradientModel gradient, Input dy) {
    Value array = names.value(Names.gradientOf(node.result().name()) + "Operands");
    Need need = Need.NEVER;
    for (int i = 0; i < node.operands().size(); i++) {
      if (node.differentiable().get(i)
          && node.callee() instanceof Node.Callee.OfOperation(var operation)
          && gradient(operation, i).method().equals(gradient.method())) {
        need = need.or(activity.of(node.operands().get(i)));
      }
    }
    var remark = Step.Remark.of(node.position(), function.of(node.result()));
    Expression call = call(place, node, gradient, dy);
    Set<String> added = new HashSet<>();
    if (call instanceof Expression.Fused fused) {
      call = fused.adding(sums(node, gradient, added));
    }
    adjoints.steps().add(new Step.Compute(array, call, true, need, need, remark));
    for (int i = 0; i < call.inputs().size() && call instanceof Expression.Operation; i++) {
      if (call.inputs().get(i) instanceof Input.Sum
          && gradient.reads().get(i - (gradient.taped() ? 1 : 0)) instanceof Read.OfSum(var name)) {
        added.add(name);
      }
    }
    return new Together(array, added);
  }

  /** What the gradients of an expression's operands are added to, and which of them are values. */
  private List<Input> sums(Node.Apply node, GradientModel gradient, Set<String> values) {
    List<Input> sums = new ArrayList<>();
    for (Read read : gradient.reads()) {
      if (read instanceof Read.OfOperand(String name, boolean layoutOnly) && layoutOnly) {
        Input sum = sum(node, name, sums);
        sums.add(sum);
        if (sum instanceof Input.Sum) {
          values.add(name);
        }
      }
    }
    return sums;
  }

  private static GradientModel gradient(OperationModel operation, int operand) {
    return operation.gradient(Signatures.operand(operation, operand).name()).orElseThrow();
  }

  private boolean depends(Node.Apply node, int operand) {
    return activity.of(node.operands().get(operand)).depends();
  }

  private List<Input> inputs(Place place, Node.Apply node, GradientModel gradient, Input dy) {
    List<Input> inputs = new ArrayList<>();
    if (gradient.taped()) {
      inputs.add(new Input.Tape(false));
    }
    for (Read read : gradient.reads()) {
      switch (read) {
        case Read.OfResultGradient gradientOfResult -> inputs.add(dy);
        case Read.OfWanted(String operand) ->
            inputs.add(
                new Input.Wanted(
                    activity.of(node.operands().get(SavePlan.operand(node, operand)))));
        case Read.OfSum(String operand) -> inputs.add(sum(node, operand, inputs));
        case Read.OfResult result -> inputs.add(reads.saved(place, node, read));
        case Read.OfOperand operand -> inputs.add(reads.saved(place, node, read));
      }
    }
    return inputs;
  }

  /** What an operand's gradient is added to; of a value that is two operands only once. */
  private Input sum(Node.Apply node, String name, List<Input> given) {
    Node.Operand operand = node.operands().get(SavePlan.operand(node, name));
    Input sum = activity.of(operand).never() ? new Input.NoSum() : adjoints.sum(operand);
    return sum instanceof Input.Sum && given.contains(sum) ? new Input.NoSum() : sum;
  }

  /** The gradients of the elements of an operand that is an array. */
  private void addAll(Node.Apply node, Value array, Expression gradients) {
    var remark = Step.Remark.of(node.position(), function.of(array));
    Value all = names.value(Names.gradientOf(node.result().name()) + "Parts");
    adjoints.steps().add(new Step.Compute(all, gradients, true, Need.ALWAYS, Need.ALWAYS, remark));
    Value slots = adjoints.slots(array, node.position());
    List<Input> given = List.of(new Input.Variable(all));
    adjoints
        .steps()
        .add(new Step.Run(new Expression.OnArray(slots, "plus", given), Need.ALWAYS, remark));
  }
}
