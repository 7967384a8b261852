package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.OperationResult;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The forward program: the nodes in order, what is saved after each, the result. */
final class ForwardPlanner {
  private final TypedFunction function;
  private final Activity activity;
  private final SavePlan saves;
  private final Names names;
  private final Optional<String> finish;
  private final Map<Value, Value> variables = new HashMap<>();
  private List<Step> steps = new ArrayList<>();

  private ForwardPlanner(
      TypedFunction function,
      Activity activity,
      SavePlan saves,
      Names names,
      Optional<String> finish) {
    this.function = function;
    this.activity = activity;
    this.saves = saves;
    this.names = names;
    this.finish = finish;
  }

  /**
   * The program.
   *
   * @param finish the name of what it is given to do to its result, if it is
   */
  static List<Step> plan(
      TypedFunction function,
      Activity activity,
      SavePlan saves,
      Names names,
      Optional<String> finish) {
    ForwardPlanner planner = new ForwardPlanner(function, activity, saves, names, finish);
    List<Step> steps = planner.body(function.body());
    steps.add(planner.returned());
    return Lifetimes.close(steps);
  }

  private List<Step> body(Body body) {
    List<Step> outer = steps;
    steps = new ArrayList<>();
    save(body.place(-1));
    for (int i = 0; i < body.nodes().size(); i++) {
      Optional<FusedExpression> finish = function.finishing(body.nodes().get(i));
      if (finish.isPresent()) {
        finished(body, i);
        i++;
      } else {
        node(body.place(i), body.nodes().get(i));
      }
      save(body.place(i));
    }
    List<Step> done = steps;
    steps = outer;
    return done;
  }

  /**
   * An operation, and right behind it the expression that its kernel computes: one call. What
   * stands for the result in between has a variable only where its layout is saved.
   */
  private void finished(Body body, int index) {
    if (!(body.nodes().get(index) instanceof Node.Apply made
        && body.nodes().get(index + 1) instanceof Node.Apply apply
        && apply.callee() instanceof Node.Callee.OfOperation(var expression))) {
      throw new IllegalStateException("nothing is finished at " + body.place(index));
    }
    draws(body.place(index), made);
    List<Input> inputs = inputs(body.place(index), made);
    List<Input> others = inputs(body.place(index + 1), apply);
    others.removeFirst();
    Expression.Fused fused = fused(expression, others, others.size() - numbers(expression));
    boolean named = saves.all().stream().anyMatch(saved -> saved.value().equals(made.result()));
    if (named) {
      var remark = Step.Remark.of(made.position(), Precision.FULL);
      steps.add(new Step.Finish(made.result(), fused, remark));
    }
    Optional<Value> variable = named ? Optional.of(made.result()) : Optional.empty();
    inputs.addFirst(new Input.Finish(fused, variable));
    compute(
        apply.result(),
        call(made, inputs),
        Step.Remark.of(apply.position(), function.of(apply.result())));
    save(body.place(index));
  }

  private static int numbers(OperationModel operation) {
    return (int) operation.operands().stream().filter(operand -> !operand.tensor()).count();
  }

  private void save(Place place) {
    for (SavePlan.Entry entry : saves.after(place)) {
      steps.add(new Step.Save(entry.saved().of(variable(entry.saved().value()))));
    }
  }

  private void node(Place place, Node node) {
    switch (node) {
      case Node.Local(Statement.PlainLocal local) ->
          steps.add(
              new Step.Local(
                  new Statement.PlainLocal(
                      local.type(), local.name(), code(local.value()), local.position())));
      case Node.Assign(Statement.PlainAssign assign) ->
          steps.add(new Step.Change(code(assign.code()), assign.position()));
      case Node.Effect(Statement.Effect effect) ->
          steps.add(new Step.Effect(code(effect.code()), effect.ends(), effect.position()));
      case Node.Cast cast -> {
        var remark = new Step.Remark(cast.position(), Optional.of(cast.from()), cast.to());
        compute(cast.result(), Inserted.cast(input(cast.operand()), cast.to()), remark);
      }
      case Node.Apply apply -> {
        draws(place, apply);
        var remark = Step.Remark.of(apply.position(), function.of(apply.result()));
        List<Input> inputs = inputs(place, apply);
        if (function.result().equals(new Node.Operand.OfValue(apply.result()))) {
          finish.ifPresent(name -> inputs.addFirst(new Input.Handed(name)));
        }
        compute(apply.result(), call(apply, inputs), remark);
      }
      case Node.Write write -> {
        Expression set = new Expression.OnArray(write.array(), "set", inputs(place, write));
        var remark = Step.Remark.of(write.position(), function.of(write.array()));
        steps.add(new Step.Run(set, Need.ALWAYS, remark));
      }
      case Node.If branch -> branch(place, branch);
      case Node.Loop loop -> loop(place, loop);
    }
  }

  private void branch(Place place, Node.If branch) {
    Input condition = inputs(place, branch).getFirst();
    for (Node.Join join : branch.joins()) {
      steps.add(new Step.Declare(join.result(), Need.ALWAYS, false));
    }
    List<Step> then = body(branch.then());
    List<Step> otherwise = body(branch.otherwise());
    for (Node.Join join : branch.joins()) {
      then.add(share(join.result(), join.then(), branch));
      otherwise.add(share(join.result(), join.otherwise(), branch));
    }
    steps.add(new Step.Branch(condition, then, otherwise, branch.position()));
  }

  private void loop(Place place, Node.Loop loop) {
    List<Input> head = inputs(place, loop);
    for (Node.Carried carried : loop.carried()) {
      steps.add(share(carried.inside(), carried.initial(), loop));
      variables.put(carried.after(), carried.inside());
    }
    List<Step> body = body(loop.body());
    List<Step> turns = new ArrayList<>();
    loop.carried().forEach(carried -> turns.add(share(carried.inside(), carried.next(), loop)));
    body.addAll(Turn.inOrder(turns, names));
    Optional<Value> passes = Optional.ofNullable(saves.passes().get(place));
    var header = new LoopHeader(loop.head(), head, passes, loop.stop(), false, "");
    List<Step.Carry> carried =
        loop.carried().stream()
            .map(each -> new Step.Carry(each.inside(), function.of(each.inside())))
            .toList();
    steps.add(new Step.Loop(header, carried, body, loop.position()));
  }

  private Step share(Value result, Node.Operand of, Node join) {
    return new Step.Compute(
        result,
        new Expression.Share(input(of), false),
        false,
        Need.ALWAYS,
        Need.ALWAYS,
        Step.Remark.of(join.position(), function.of(result)));
  }

  /** The plain ones that are saved get a name first. */
  private List<Input> inputs(Place place, Node node) {
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < node.operands().size(); i++) {
      Saved saved = saves.plain().get(new SavePlan.Position(place, i));
      if (saved != null && node.operands().get(i) instanceof Node.Operand.OfPlain(var plain)) {
        Value name = saved.value();
        if (!plain.code().equals(name.name())) {
          steps.add(new Step.Named(name, code(plain)));
        }
        inputs.add(new Input.Variable(name));
      } else {
        inputs.add(input(node.operands().get(i)));
      }
    }
    return inputs;
  }

  /**
   * A callee whose result needs no gradient must not leave anything on the tape: nobody would take
   * it off.
   */
  private Expression call(Node.Apply node, List<Input> inputs) {
    boolean unneeded = activity.of(node).never() || node.recomputed();
    return switch (node.callee()) {
      case Node.Callee.OfOperation(var operation) -> {
        if (operation.taped()) {
          inputs.addFirst(
              new Input.Tape(OperationGradients.tapedGradient(node, activity).isEmpty()));
        }
        if (FusedExpression.is(operation)) {
          yield fused(node, operation, inputs);
        }
        var called = new Expression.Operation(operation.owner(), operation.name(), inputs);
        yield operation.result() instanceof OperationResult.OfRecord record
            ? new Expression.Components(called, record)
            : called;
      }
      case Node.Callee.OfArray _ -> new Expression.NewArray(inputs);
      case Node.Callee.OfElement _ ->
          switch (node.operands().getFirst()) {
            case Node.Operand.OfValue(Value array) ->
                new Expression.OnArray(array, "get", inputs.subList(1, 2));
            case Node.Operand.OfParameter parameter ->
                Inserted.element(parameter, inputs.getLast());
            case Node.Operand.OfPlain _ -> unknown(node);
          };
      case Node.Callee.OfLayer(var layer, var signature, var _) -> {
        Optional<Input> element = layer.element().map(_ -> inputs.removeLast());
        var receiver = new Expression.Receiver(layer.field(), element);
        inputs.addFirst(new Input.Tape(unneeded));
        yield new Expression.LayerForward(receiver, inputs);
      }
      case Node.Callee.OfFunction(var name, var signature, var _) -> {
        inputs.addFirst(new Input.Tape(unneeded));
        yield new Expression.FunctionForward(name, inputs);
      }
    };
  }

  private Expression fused(Node.Apply node, OperationModel operation, List<Input> inputs) {
    Expression.Fused fused = fused(operation, inputs, inputs.size() - numbers(operation));
    return fused.as(new Input.Type(function.of(node.result())));
  }

  private static Expression.Fused fused(OperationModel operation, List<Input> inputs, int tensors) {
    return new Expression.Fused(
        operation.name(),
        inputs.subList(tensors, inputs.size()),
        inputs.subList(0, tensors),
        Optional.empty(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** How far the random numbers are, for what runs again. */
  private void draws(Place place, Node.Apply node) {
    Saved saved = saves.plain().get(new SavePlan.Position(place, SavePlan.DRAWS));
    if (saved != null) {
      var code = Argument.Plain.ofTape("draws()", "long", node.position());
      steps.add(new Step.Named(saved.value(), code));
    }
  }

  private static Expression unknown(Node.Apply node) {
    throw new IllegalStateException("no array at " + node.position());
  }

  private void compute(Value result, Expression expression, Step.Remark remark) {
    steps.add(new Step.Compute(result, expression, false, Need.ALWAYS, Need.ALWAYS, remark));
  }

  /** The caller owns the result: of something borrowed it gets a share. */
  private Step returned() {
    boolean made =
        function.result() instanceof Node.Operand.OfValue(Value value)
            && !function.source().inputs().contains(value);
    return made && function.result() instanceof Node.Operand.OfValue(Value value)
        ? new Step.Return(List.of(variable(value)))
        : new Step.ReturnRetained(input(function.result()));
  }

  private Input input(Node.Operand operand) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> new Input.Variable(variable(value));
      case Node.Operand.OfParameter(var parameter, var precision) ->
          new Input.OfParameter(parameter, precision);
      case Node.Operand.OfPlain(var plain) -> new Input.Code(code(plain));
    };
  }

  /** Behind a loop, what it has carried is still in the variable that the passes have written. */
  private Value variable(Value value) {
    Value inside = variables.get(value);
    return inside == null ? value : inside;
  }

  private Argument.Plain code(Argument.Plain plain) {
    return plain.of(plain.reads().stream().map(this::variable).toList());
  }
}
