package dev.mezzo.processor.plan;

import java.util.List;
import java.util.Optional;

/** What a gradient is said to come from where it overflows. */
final class Sources {

  private Sources() {}

  /** As in {@code Linear.java:31 linear}; of a view, the operation that it is made for. */
  static String of(TypedFunction function, Node node, String operation) {
    String name = operation;
    Node last = node;
    for (Optional<Node.Apply> reader = onlyReaderOfView(function, last);
        reader.isPresent();
        reader = onlyReaderOfView(function, last)) {
      last = reader.get();
      name =
          reader.get().callee() instanceof Node.Callee.OfOperation(var read) ? read.name() : name;
    }
    return last.position() + " " + name;
  }

  private static Optional<Node.Apply> onlyReaderOfView(TypedFunction function, Node node) {
    boolean view =
        node instanceof Node.Cast
            || (node instanceof Node.Apply apply
                && apply.callee() instanceof Node.Callee.OfOperation(var operation)
                && operation.view());
    if (!view) {
      return Optional.empty();
    }
    var value = new Node.Operand.OfValue(node.made().orElseThrow());
    List<Node> readers =
        function.all().stream().filter(other -> other.operands().contains(value)).toList();
    return readers.size() == 1 && readers.getFirst() instanceof Node.Apply apply
        ? Optional.of(apply)
        : Optional.empty();
  }
}
