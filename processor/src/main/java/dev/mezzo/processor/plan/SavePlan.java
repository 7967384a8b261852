package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What forward leaves on the tape, and where backward finds what its gradients read.
 *
 * @param regions how bodies lie in one another
 * @param entries by the node right after which they are pushed (index -1: at a body's begin); in
 *     this order
 * @param plain by node and operand, a plain operand that is saved, or an array of tensors, or (of
 *     operand {@link #RESULT}) the layouts of those that the node makes
 * @param tensors of a value whose tensor is saved, where backward has it
 * @param layouts of a value, the variable that holds its layout where the tensor is not there
 * @param views all views of parameters that backward can make again
 * @param remade views that backward makes again from a parameter, with when they are needed
 * @param passes of a loop whose passes are counted, the variable that counts them
 * @param gaps where backward makes zeros
 */
record SavePlan(
    Regions regions,
    Map<Place, List<Entry>> entries,
    Map<Position, Saved> plain,
    Map<Value, Span> tensors,
    Map<Value, Value> layouts,
    Map<Value, Node.Apply> views,
    Map<Value, Remake> remade,
    Map<Place, Value> passes,
    Set<Gaps.Gap> gaps) {

  /** Stands for what a node makes, where an operand's index is asked for. */
  static final int RESULT = -1;

  /** Stands for how many random numbers were drawn before a node that is recomputed. */
  static final int DRAWS = -2;

  /** An entry of the tape; {@code need}: that of the gradients that read it. */
  record Entry(Saved saved, Need need) {}

  /** An operand of a node. */
  record Position(Place node, int operand) {}

  /**
   * Where backward has a tensor: in {@code body}, from the reversal of its last reader to that of
   * node {@code first}.
   *
   * @param restored what it is called there
   */
  record Span(int body, int first, Value restored) {}

  /** A view of a parameter. */
  record Remake(Node.Apply node, Need need) {}

  List<Entry> after(Place node) {
    return entries.getOrDefault(node, List.of());
  }

  /** How a gradient of a node gets at what it reads, except {@code dy}. */
  Input read(Place place, Node.Apply node, Read read) {
    return switch (read) {
      case Read.OfWanted _, Read.OfSum _ ->
          throw new IllegalArgumentException("it is not saved: " + read);
      case Read.OfResultGradient gradient ->
          throw new IllegalArgumentException("dy is not read from the tape");
      case Read.OfResult(boolean layoutOnly) -> ofValue(place, node.result(), layoutOnly);
      case Read.OfOperand(String name, boolean layoutOnly) -> {
        int operand = operand(node, name);
        yield switch (node.operands().get(operand)) {
          case Node.Operand.OfValue(Value value) ->
              value.several() ? saved(place, operand) : ofValue(place, value, layoutOnly);
          case Node.Operand.OfParameter(var parameter, var precision) -> {
            Input direct = new Input.OfParameter(parameter, precision);
            yield layoutOnly ? new Input.LayoutOf(direct) : direct;
          }
          case Node.Operand.OfPlain(var code) -> plain(place, operand, code);
        };
      }
    };
  }

  /** A plain operand, saved or evaluated again. */
  Input plain(Place place, int operand, Argument.Plain code) {
    Saved saved = plain.get(new Position(place, operand));
    return saved == null ? new Input.Code(code) : new Input.Variable(saved.restored());
  }

  /** What is saved of an array. */
  Input saved(Place place, int operand) {
    Saved saved = plain.get(new Position(place, operand));
    if (saved == null) {
      throw new IllegalStateException("operand " + operand + " at " + place + " is not saved");
    }
    return new Input.Variable(saved.restored());
  }

  /** An operand of a node that is recomputed. */
  Input operand(Place place, int index, Node.Operand operand) {
    return switch (operand) {
      case Node.Operand.OfValue(Value value) -> ofValue(place, value, false);
      case Node.Operand.OfParameter(var parameter, var precision) ->
          new Input.OfParameter(parameter, precision);
      case Node.Operand.OfPlain(var code) -> plain(place, index, code);
    };
  }

  /** A layout that is saved for {@link #gaps}. */
  Input layout(Place place, Value value) {
    return ofValue(place, value, true);
  }

  private Input ofValue(Place place, Value value, boolean layoutOnly) {
    Span span = tensors.get(value);
    Input tensor = new Input.Variable(span == null ? value : span.restored());
    if (!layoutOnly) {
      return tensor;
    }
    boolean there =
        remade.containsKey(value)
            || (span != null && regions.lift(place, span.body()) >= span.first());
    Value layout = layouts.get(value);
    return there || layout == null ? new Input.LayoutOf(tensor) : new Input.Variable(layout);
  }

  /** Everything that is saved. */
  List<Saved> all() {
    return entries.values().stream().flatMap(List::stream).map(Entry::saved).toList();
  }

  /** The index of an operand, by its name. */
  static int operand(Node.Apply node, String name) {
    if (node.callee() instanceof Node.Callee.OfOperation(var operation)) {
      for (int i = 0; i < node.operands().size(); i++) {
        if (Signatures.operand(operation, i).name().equals(name)) {
          return i;
        }
      }
    }
    throw new IllegalArgumentException("no operand '" + name + "'");
  }
}
