package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The forward program: the nodes in order, what is saved after each, the result. */
final class ForwardPlanner {
  private final TypedFunction function;
  private final Activity activity;
  private final SavePlan saves;
  private final List<Step> steps = new ArrayList<>();

  private ForwardPlanner(TypedFunction function, Activity activity, SavePlan saves) {
    this.function = function;
    this.activity = activity;
    this.saves = saves;
  }

  static List<Step> plan(TypedFunction function, Activity activity, SavePlan saves) {
    return Lifetimes.close(new ForwardPlanner(function, activity, saves).plan());
  }

  private List<Step> plan() {
    for (int i = 0; i < function.nodes().size(); i++) {
      Node node = function.nodes().get(i);
      switch (node) {
        case Node.Local(var local) -> steps.add(new Step.Local(local));
        case Node.Cast cast -> {
          var remark = new Step.Remark(cast.position(), Optional.of(cast.from()), cast.to());
          compute(cast.result(), Inserted.cast(input(cast.operand()), cast.to()), remark);
        }
        case Node.Apply apply -> apply(i, apply);
      }
      saves.after(i).forEach(entry -> steps.add(new Step.Save(entry.saved())));
    }
    steps.add(returned());
    return steps;
  }

  private void apply(int index, Node.Apply node) {
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < node.operands().size(); i++) {
      Value name = saves.plain().get(new SavePlan.Position(index, i));
      if (name != null && node.operands().get(i) instanceof Node.Operand.OfPlain(var plain)) {
        if (!plain.code().equals(name.name())) {
          steps.add(new Step.Named(name, plain));
        }
        inputs.add(new Input.Variable(name));
      } else {
        inputs.add(input(node.operands().get(i)));
      }
    }
    var remark = Step.Remark.of(node.position(), function.of(node.result()));
    compute(node.result(), call(node, inputs), remark);
  }

  /**
   * A callee whose result needs no gradient must not leave anything on the tape: nobody would take
   * it off.
   */
  private Expression call(Node.Apply node, List<Input> inputs) {
    boolean unneeded = activity.of(node).never();
    return switch (node.callee()) {
      case Node.Callee.OfOperation(var operation) -> {
        if (operation.taped()) {
          inputs.addFirst(new Input.Tape(BackwardPlanner.tapedGradient(node, activity).isEmpty()));
        }
        yield new Expression.Operation(operation.owner(), operation.name(), inputs);
      }
      case Node.Callee.OfLayer(var layer, var signature) -> {
        Optional<Input> element = layer.element().map(_ -> inputs.removeLast());
        var receiver = new Expression.Receiver(layer.field(), element);
        inputs.addFirst(new Input.Tape(unneeded));
        yield new Expression.LayerForward(receiver, inputs);
      }
      case Node.Callee.OfFunction(var name, var signature) -> {
        inputs.addFirst(new Input.Tape(unneeded));
        yield new Expression.FunctionForward(name, inputs);
      }
    };
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
        ? new Step.Return(List.of(value))
        : new Step.ReturnRetained(input(function.result()));
  }

  static Input input(Node.Operand operand) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> new Input.Variable(value);
      case Node.Operand.OfParameter(var parameter, var precision) ->
          new Input.OfParameter(parameter, precision);
      case Node.Operand.OfPlain(var plain) -> new Input.Code(plain);
    };
  }
}
