package dev.mezzo.processor.plan;

import static java.util.Objects.requireNonNull;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Activity.Wanted;
import dev.mezzo.processor.plan.Body.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
  private final OperationGradients operations;
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
    this.operations = new OperationGradients(function, activity, adjoints, reads, names);
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
      case Node.Effect effect -> {}
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
          case Node.Callee.OfOperation(var operation) ->
              operations.add(place, apply, operation, dy);
          case Node.Callee.OfArray _ -> {}
          case Node.Callee.OfElement _ -> element(place, apply, dy);
          case Node.Callee.OfLayer(var layer, var signature, var _) -> {
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

  /** What has saved nothing runs again, with what it was given before. */
  private void rerun(
      Place place, Node.Apply node, java.util.function.Function<List<Input>, Expression> forward) {
    if (!node.recomputed()) {
      return;
    }
    Saved draws = requireNonNull(saves.plain().get(new SavePlan.Position(place, SavePlan.DRAWS)));
    List<Input> inputs = new ArrayList<>(List.of(new Input.Again(draws.restored())));
    boolean keyed =
        node.callee() instanceof Node.Callee.OfLayer(LayerReference layer, var _, var _)
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
      case Node.Callee.OfLayer(var layer, var signature, var _) -> layer.name() + ".forward";
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
