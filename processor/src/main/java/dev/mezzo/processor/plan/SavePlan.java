package dev.mezzo.processor.plan;

import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What forward leaves on the tape, and where backward finds what its gradients read.
 *
 * @param entries by the index of the node right after which they are pushed; in this order
 * @param plain by node and operand, the variable that holds a plain operand that is saved
 * @param tensors of a value whose tensor is saved, where backward has it
 * @param layouts of a value, the variable that holds its layout where the tensor is not there
 * @param remade views that backward makes again from a parameter, with when they are needed
 */
record SavePlan(
    Map<Integer, List<Entry>> entries,
    Map<Position, Value> plain,
    Map<Value, Span> tensors,
    Map<Value, Value> layouts,
    Map<Value, Remake> remade) {

  /** An entry of the tape; {@code need}: that of the gradients that read it. */
  record Entry(Saved saved, Need need) {}

  /** An operand of a node. */
  record Position(int node, int operand) {}

  /** From the reversal of node {@code last} to that of node {@code first}. */
  record Span(int first, int last) {}

  /** A view of a parameter. */
  record Remake(Node.Apply node, Need need) {}

  List<Entry> after(int node) {
    return entries.getOrDefault(node, List.of());
  }

  /** How a gradient of node {@code index} gets at what it reads, except {@code dy}. */
  Input read(int index, Node.Apply node, Read read) {
    return switch (read) {
      case Read.OfWanted wanted -> throw new IllegalArgumentException("a flag is not saved");
      case Read.OfResultGradient gradient ->
          throw new IllegalArgumentException("dy is not read from the tape");
      case Read.OfResult(boolean layoutOnly) -> ofValue(index, node.result(), layoutOnly);
      case Read.OfOperand(String name, boolean layoutOnly) -> {
        int operand = operand(node, name);
        yield switch (node.operands().get(operand)) {
          case Node.Operand.OfValue(Value value) -> ofValue(index, value, layoutOnly);
          case Node.Operand.OfParameter(var parameter, var precision) -> {
            Input direct = new Input.OfParameter(parameter, precision);
            yield layoutOnly ? new Input.LayoutOf(direct) : direct;
          }
          case Node.Operand.OfPlain(var code) -> plain(index, operand, code);
        };
      }
    };
  }

  /** A plain operand, saved or evaluated again. */
  Input plain(int index, int operand, Argument.Plain code) {
    Value saved = plain.get(new Position(index, operand));
    return saved == null ? new Input.Code(code) : new Input.Variable(saved);
  }

  private Input ofValue(int index, Value value, boolean layoutOnly) {
    if (!layoutOnly) {
      return new Input.Variable(value);
    }
    Span span = tensors.get(value);
    boolean there = remade.containsKey(value) || (span != null && index >= span.first());
    Value layout = layouts.get(value);
    return there || layout == null
        ? new Input.LayoutOf(new Input.Variable(value))
        : new Input.Variable(layout);
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

  /** All entries, in the order in which they are pushed. */
  List<Saved> all() {
    Map<Integer, List<Entry>> sorted = new LinkedHashMap<>();
    entries.keySet().stream().sorted().forEach(node -> sorted.put(node, after(node)));
    return sorted.values().stream().flatMap(List::stream).map(Entry::saved).toList();
  }
}
