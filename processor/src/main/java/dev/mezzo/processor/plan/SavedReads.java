package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What backward reads of forward: values that come off the tape, and views of parameters, which are
 * made again.
 */
final class SavedReads {
  private final TypedFunction function;
  private final SavePlan saves;
  private final Adjoints adjoints;
  private final Set<Value> made = new HashSet<>();

  SavedReads(TypedFunction function, SavePlan saves, Adjoints adjoints) {
    this.function = function;
    this.saves = saves;
    this.adjoints = adjoints;
  }

  /** The steps of a reversal that is a scope of its own: what it makes again ends with it. */
  List<Step> within(Body body, Runnable reversal) {
    Set<Value> outer = Set.copyOf(made);
    List<Step> program = adjoints.within(body, reversal);
    made.retainAll(outer);
    return program;
  }

  /** Takes what was saved off the tape. */
  void restore(SavePlan.Entry entry) {
    steps().add(new Step.Restore(entry.saved(), entry.need()));
    Value layout = saves.layouts().get(entry.saved().value());
    if (entry.saved().content() == Saved.Content.TENSOR && layout != null) {
      steps().add(new Step.TakeLayout(layout, entry.saved().restored(), entry.need()));
    }
  }

  /** What a gradient reads. */
  Input saved(Place place, Node.Apply node, Read read) {
    Input input = saves.read(place, node, read);
    remake(input);
    return input;
  }

  /** A value's layout. */
  Input layout(Place place, Value value) {
    Input layout = saves.layout(place, value);
    remake(layout);
    return layout;
  }

  /** What an operation that runs again was given. */
  Input operand(Place place, int index, Node.Operand operand) {
    Input input = saves.operand(place, index, operand);
    remake(input);
    return input;
  }

  /** A view of a parameter is made again before its first reader. */
  private void remake(Input input) {
    Value value =
        switch (input) {
          case Input.Variable(Value v) -> v;
          case Input.LayoutOf(Input.Variable(Value v)) -> v;
          default -> null;
        };
    SavePlan.Remake view = value == null ? null : saves.remade().get(value);
    if (view == null || !made.add(view.node().result())) {
      return;
    }
    List<Input> inputs = view.node().operands().stream().map(SavedReads::input).toList();
    remake(inputs.getFirst());
    steps()
        .add(
            new Step.Compute(
                view.node().result(),
                again(view.node(), inputs),
                false,
                view.need(),
                view.need(),
                Step.Remark.of(view.node().position(), function.of(view.node().result()))));
  }

  private static Expression again(Node.Apply view, List<Input> inputs) {
    return switch (view.callee()) {
      case Node.Callee.OfOperation(var operation) ->
          new Expression.Operation(operation.owner(), operation.name(), inputs);
      case Node.Callee.OfElement _
          when view.operands().getFirst() instanceof Node.Operand.OfParameter parameter ->
          Inserted.element(parameter, inputs.getLast());
      default -> throw new IllegalStateException("no view: " + view.result().name());
    };
  }

  static Input input(Node.Operand operand) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> new Input.Variable(value);
      case Node.Operand.OfParameter(var parameter, var precision) ->
          new Input.OfParameter(parameter, precision);
      case Node.Operand.OfPlain(var plain) -> new Input.Code(plain);
    };
  }

  private List<Step> steps() {
    return adjoints.steps();
  }
}
