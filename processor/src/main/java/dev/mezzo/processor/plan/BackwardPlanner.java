package dev.mezzo.processor.plan;

import static java.util.Objects.requireNonNull;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Activity.Wanted;
import dev.mezzo.processor.plan.Body.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The backward program, in reverse mode: the nodes in reverse order; for each, what was saved after
 * it comes off the tape, then the gradients of its operands are computed from that of its result.
 * Parameters' gradients come first within a node; those that may be unwanted last.
 */
final class BackwardPlanner {
  private final TypedFunction function;
  private final Activity activity;
  private final SavePlan saves;
  private final Map<String, List<Wanted>> wanted;
  private final Adjoints adjoints;
  private final SavedReads reads;
  private final Names names;

  private BackwardPlanner(
      TypedFunction function,
      Activity activity,
      SavePlan saves,
      Map<String, List<Wanted>> wanted,
      Adjoints adjoints,
      Names names) {
    this.function = function;
    this.activity = activity;
    this.saves = saves;
    this.wanted = wanted;
    this.adjoints = adjoints;
    this.reads = new SavedReads(function, saves, adjoints);
    this.names = names;
  }

  /**
   * The program.
   *
   * @param wanted how each helper is asked for its inputs' gradients, by name
   */
  static List<Step> plan(
      TypedFunction function,
      Activity activity,
      SavePlan saves,
      Map<String, List<Wanted>> wanted,
      Adjoints adjoints,
      Names names) {
    var planner = new BackwardPlanner(function, activity, saves, wanted, adjoints, names);
    planner.reverse(function.body());
    adjoints.steps().add(new Step.Return(planner.results()));
    return GuardPlanner.structure(Lifetimes.close(adjoints.steps()));
  }

  /** The inputs whose gradients backward returns, in order. */
  static List<Value> returned(TypedFunction function, Activity activity) {
    return function.source().inputs().stream()
        .filter(input -> !activity.of(input).never())
        .toList();
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

  private List<Step> steps() {
    return adjoints.steps();
  }

  private void reverse(Body body) {
    for (int i = body.nodes().size() - 1; i >= 0; i--) {
      Node node = body.nodes().get(i);
      if (!activity.of(node).never()) {
        saves.after(body.place(i)).reversed().forEach(reads::restore);
        reverse(body.place(i), node);
      }
    }
    saves.after(body.place(-1)).reversed().forEach(reads::restore);
  }

  private void reverse(Place place, Node node) {
    switch (node) {
      case Node.Local local -> {}
      case Node.Assign assign -> {}
      case Node.Write write -> {
        Input index = saves.plain(place, 0, write.index().plain());
        take(place, write, write.array(), index, write.operand());
      }
      case Node.If branch -> reverse(place, branch);
      case Node.Loop loop -> reverse(place, loop);
      case Node.Cast cast ->
          adjoints.add(
              cast.operand(),
              Inserted.cast(new Input.Variable(adjoints.of(cast.result())), cast.from()),
              Sources.of(function, node, "cast"),
              cast.position());
      case Node.Apply apply when apply.callee() instanceof Node.Callee.OfArray -> {
        for (int i = 0; i < apply.operands().size(); i++) {
          if (apply.operands().get(i).tensor()) {
            Input index = new Input.Code(Argument.Plain.number(i, apply.position()));
            take(place, apply, apply.result(), index, apply.operands().get(i));
          }
        }
      }
      case Node.Apply apply -> {
        Input dy = gradient(place, apply);
        switch (apply.callee()) {
          case Node.Callee.OfOperation(var operation) -> reverse(place, apply, operation, dy);
          case Node.Callee.OfArray _ -> {}
          case Node.Callee.OfElement _ -> element(place, apply, dy);
          case Node.Callee.OfLayer(var layer, var signature) -> {
            List<Wanted> all =
                signature.differentiable().stream()
                    .map(has -> has ? Wanted.ON_REQUEST : Wanted.NEVER)
                    .toList();
            var receiver = new Expression.Receiver(layer.field(), element(place, apply, layer));
            rerun(place, apply, inputs -> new Expression.LayerForward(receiver, inputs));
            call(apply, all, dy, inputs -> new Expression.LayerBackward(receiver, inputs));
          }
          case Node.Callee.OfFunction(var name, var signature, var _) -> {
            rerun(place, apply, inputs -> new Expression.FunctionForward(name, inputs));
            List<Wanted> all = wanted.getOrDefault(name, List.of());
            call(apply, all, dy, inputs -> new Expression.FunctionBackward(name, inputs));
          }
        }
      }
    }
  }

  /** Of an array that an operation makes, all elements' gradients. */
  private Input gradient(Place place, Node.Apply node) {
    if (!node.result().several()) {
      return new Input.Variable(adjoints.of(node.result()));
    }
    Value slots = adjoints.slots(node.result(), node.position());
    return node.callee() instanceof Node.Callee.WithSignature
        ? new Input.Whole(slots)
        : new Input.Filled(slots, saves.saved(place, SavePlan.RESULT));
  }

  /** The gradient of what was written into an array; there is none there any more. */
  private void take(Place place, Node node, Value array, Input index, Node.Operand operand) {
    Value slots = adjoints.slots(array, node.position());
    Need need = activity.of(operand);
    var remark = Step.Remark.of(node.position(), function.of(array));
    if (need.never()) {
      var drop = new Expression.OnArray(slots, "drop", List.of(index));
      steps().add(new Step.Run(drop, Need.ALWAYS, remark));
      return;
    }
    Input layout =
        operand instanceof Node.Operand.OfValue(Value value)
            ? reads.layout(place, value)
            : new Input.LayoutOf(SavedReads.input(operand));
    Expression taken = new Expression.OnArray(slots, "take", List.of(index, layout));
    if (need.depends()) {
      Value all = names.value(slots.name() + "Element");
      steps().add(new Step.Compute(all, taken, false, Need.ALWAYS, Need.ALWAYS, remark));
      taken = new Expression.Share(all);
    }
    adjoints.add(operand, taken, Sources.of(function, node, "element"), node.position());
  }

  private void element(Place place, Node.Apply node, Input dy) {
    if (node.operands().getFirst() instanceof Node.Operand.OfParameter parameter
        && node.operands().get(1) instanceof Node.Operand.OfPlain(var code)) {
      String source = adjoints.source(node.result()).orElse(Sources.of(function, node, "element"));
      Expression gradient = new Expression.Share(adjoints.of(node.result()));
      Input index = saves.plain(place, 1, code);
      adjoints.accumulate(parameter, Optional.of(index), gradient, source, node.position());
      return;
    }
    if (node.operands().getFirst() instanceof Node.Operand.OfValue(Value array)
        && node.operands().get(1) instanceof Node.Operand.OfPlain(var code)) {
      Value slots = adjoints.slots(array, node.position());
      List<Input> given = List.of(saves.plain(place, 1, code), dy);
      var remark = Step.Remark.of(node.position(), function.of(array));
      steps().add(new Step.Run(new Expression.OnArray(slots, "plus", given), Need.ALWAYS, remark));
    }
  }

  /** The gradients of the elements of an operand that is an array. */
  private void addAll(Node.Apply node, Value array, Expression gradients) {
    var remark = Step.Remark.of(node.position(), function.of(array));
    Value all = names.value(Names.gradientOf(node.result().name()) + "Parts");
    steps().add(new Step.Compute(all, gradients, true, Need.ALWAYS, Need.ALWAYS, remark));
    Value slots = adjoints.slots(array, node.position());
    List<Input> given = List.of(new Input.Variable(all));
    steps().add(new Step.Run(new Expression.OnArray(slots, "plus", given), Need.ALWAYS, remark));
  }

  /** The index or key of a layer among several: the call's last operand. */
  private Optional<Input> element(Place place, Node.Apply node, LayerReference layer) {
    int last = node.operands().size() - 1;
    return layer.element().map(code -> saves.plain(place, last, code));
  }

  private void reverse(Place place, Node.If branch) {
    Input condition = saves.plain(place, 0, branch.condition().plain());
    List<List<Step>> ways = new ArrayList<>();
    adjoints.ways(
        List.of(
            () -> ways.add(way(branch, branch.then(), Node.Join::then)),
            () -> ways.add(way(branch, branch.otherwise(), Node.Join::otherwise))));
    steps().add(new Step.Branch(condition, ways.getFirst(), ways.getLast(), branch.position()));
    adjoints.close(place, branch.position(), reads::layout);
  }

  private List<Step> way(
      Node.If branch, Body way, java.util.function.Function<Node.Join, Node.Operand> source) {
    return reads.within(
        way,
        () -> {
          for (Node.Join join : branch.joins()) {
            if (!activity.of(join.result()).never()) {
              Value gradient = adjoints.of(join.result());
              adjoints.pass(source.apply(join), gradient, branch.position());
            }
          }
          reverse(way);
        });
  }

  /** The passes in reverse order: each takes over the gradient of what it has left to the next. */
  private void reverse(Place place, Node.Loop loop) {
    List<Node.Carried> carried =
        loop.carried().stream().filter(c -> !activity.of(c.after()).never()).toList();
    Map<Node.Carried, Value> gradients = new LinkedHashMap<>();
    for (Node.Carried each : carried) {
      Value last = adjoints.ofOrZeros(place, each.after(), loop.position(), reads::layout);
      Value gradient = names.value(Names.gradientOf(each.inside().name()));
      gradients.put(each, gradient);
      steps().add(share(gradient, last, each, loop));
    }
    List<Step> body =
        reads.within(
            loop.body(),
            () -> {
              gradients.forEach(
                  (each, gradient) -> adjoints.pass(each.next(), gradient, loop.position()));
              reverse(loop.body());
              turn(loop, gradients);
            });
    List<Step.Carry> carries = new ArrayList<>();
    gradients.forEach(
        (each, gradient) -> carries.add(new Step.Carry(gradient, function.of(each.inside()))));
    steps().add(new Step.Loop(header(place, loop), carries, body, loop.position()));
    adjoints.close(place, loop.position(), reads::layout);
    gradients.forEach((each, gradient) -> adjoints.pass(each.initial(), gradient, loop.position()));
  }

  private void turn(Node.Loop loop, Map<Node.Carried, Value> gradients) {
    List<Step> turns = new ArrayList<>();
    gradients.forEach(
        (each, gradient) -> {
          Value before =
              adjoints.ofOrZeros(
                  loop.body().place(-1), each.inside(), loop.position(), reads::layout);
          turns.add(share(gradient, before, each, loop));
        });
    steps().addAll(Turn.inOrder(turns, names));
  }

  private Step share(Value result, Value gradient, Node.Carried carried, Node.Loop loop) {
    Need need = activity.of(carried.inside());
    return new Step.Compute(
        result,
        new Expression.Share(gradient),
        false,
        need,
        need,
        Step.Remark.of(loop.position(), function.of(carried.inside())));
  }

  private LoopHeader header(Place place, Node.Loop loop) {
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < loop.operands().size(); i++) {
      if (loop.operands().get(i) instanceof Node.Operand.OfPlain(var code)
          && saves.regions().recovers(loop, place)) {
        inputs.add(saves.plain(place, i, code));
      }
    }
    Optional<Value> passes = Optional.ofNullable(saves.passes().get(place));
    return new LoopHeader(loop.head(), inputs, passes, Optional.empty(), true, names.name("pass"));
  }

  /** What is made again of parameters in a body is there in that body only. */
  private void reverse(Place place, Node.Apply node, OperationModel operation, Input dy) {
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
          } else if (gradient.adds() && expression instanceof Expression.Operation call) {
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
    steps().add(new Step.Compute(array, call, true, need, need, remark));
    Set<String> added = new HashSet<>();
    for (int i = 0; i < call.inputs().size(); i++) {
      if (call.inputs().get(i) instanceof Input.Sum
          && gradient.reads().get(i - (gradient.taped() ? 1 : 0)) instanceof Read.OfSum(var name)) {
        added.add(name);
      }
    }
    return new Together(array, added);
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

  /** What has saved nothing runs again, with what it was given before. */
  private void rerun(
      Place place, Node.Apply node, java.util.function.Function<List<Input>, Expression> forward) {
    if (!node.recomputed()) {
      return;
    }
    Saved draws = requireNonNull(saves.plain().get(new SavePlan.Position(place, SavePlan.DRAWS)));
    List<Input> inputs = new ArrayList<>(List.of(new Input.Again(draws.restored())));
    boolean keyed =
        node.callee() instanceof Node.Callee.OfLayer(LayerReference layer, var _)
            && layer.element().isPresent();
    for (int i = 0; i < node.operands().size() - (keyed ? 1 : 0); i++) {
      inputs.add(reads.operand(place, i, node.operands().get(i)));
    }
    Need need = node.hasParameters() ? Need.ALWAYS : activity.of(node);
    var remark = Step.Remark.of(node.position(), function.of(node.result()));
    steps().add(new Step.Run(new Expression.Rerun(forward.apply(inputs)), need, remark));
  }

  /** Backward of a sub-layer or a helper: one call, which gives the gradients of all its inputs. */
  private void call(
      Node.Apply node,
      List<Wanted> wanted,
      Input dy,
      java.util.function.Function<List<Input>, Expression> backward) {
    Input tape = node.recomputed() ? new Input.Refilled() : new Input.Tape(false);
    List<Input> inputs = new ArrayList<>(List.of(tape, dy));
    List<Node.Operand> given = new ArrayList<>();
    List<Node.Operand> tensors = node.operands().stream().filter(Node.Operand::tensor).toList();
    for (int i = 0; i < wanted.size(); i++) {
      if (wanted.get(i) == Wanted.ON_REQUEST) {
        inputs.add(new Input.Wanted(activity.of(tensors.get(i))));
      }
      if (wanted.get(i) != Wanted.NEVER) {
        given.add(tensors.get(i));
      }
    }
    Expression expression = backward.apply(inputs);
    Need need = node.hasParameters() ? Need.ALWAYS : activity.of(node);
    var remark = Step.Remark.of(node.position(), function.of(node.result()));
    String source = Sources.of(function, node, name(node));
    if (given.stream().allMatch(operand -> activity.of(operand).never())) {
      steps().add(new Step.Run(expression, need, remark));
    } else if (given.size() == 1) {
      adjoints.add(given.getFirst(), expression, need, source, node.position());
    } else {
      Value array = names.value(Names.gradientOf(node.result().name()) + "Inputs");
      steps().add(new Step.Compute(array, expression, true, need, need, remark));
      for (int i = 0; i < given.size(); i++) {
        if (!activity.of(given.get(i)).never()) {
          var element = new Expression.Element(array, i);
          adjoints.add(given.get(i), element, need, source, node.position());
        }
      }
    }
  }

  private static String name(Node.Apply node) {
    return switch (node.callee()) {
      case Node.Callee.OfOperation(var operation) -> operation.name();
      case Node.Callee.OfArray _, Node.Callee.OfElement _ -> "element";
      case Node.Callee.OfLayer(var layer, var signature) -> layer.name() + ".forward";
      case Node.Callee.OfFunction(var name, var signature, var _) -> name;
    };
  }

  private List<Value> results() {
    Place begin = function.body().place(-1);
    return returned(function, activity).stream()
        .map(input -> adjoints.result(begin, input, reads::layout))
        .toList();
  }
}
