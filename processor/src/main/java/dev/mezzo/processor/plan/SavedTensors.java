package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Value;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the gradients that are needed read of tensors, to compare two ways to compute a value. */
final class SavedTensors {
  private final TypedFunction function;
  private final Activity activity;
  private final Map<Value, Value> bases = new HashMap<>();
  private final IdentityHashMap<Node, Set<Value>> reads = new IdentityHashMap<>();

  /** By how many gradients a value is read. */
  private final Map<Value, Integer> readers = new HashMap<>();

  SavedTensors(TypedFunction function, Activity activity) {
    this.function = function;
    this.activity = activity;
    List<Node> all = function.all();
    for (Node node : all) {
      if (node instanceof Node.Apply apply
          && apply.callee() instanceof Node.Callee.OfOperation(var operation)
          && operation.view()
          && apply.operands().getFirst() instanceof Node.Operand.OfValue(Value value)) {
        bases.put(apply.result(), bases.getOrDefault(value, value));
      }
    }
    for (Node node : all) {
      Set<Value> read = read(node);
      reads.put(node, read);
      read.forEach(value -> readers.merge(value, 1, Integer::sum));
    }
  }

  /** Bytes an element that these nodes keep, beside what all but {@code instead} keep anyway. */
  int bytes(Collection<Node> nodes, Collection<Node> instead) {
    Map<Value, Integer> theirs = new HashMap<>();
    for (Node node : instead) {
      for (Value value : reads.getOrDefault(node, Set.of())) {
        theirs.merge(value, 1, Integer::sum);
      }
    }
    Set<Value> own = new HashSet<>();
    nodes.forEach(node -> own.addAll(read(node)));
    int bytes = 0;
    for (Value value : own) {
      if (readers.getOrDefault(value, 0).equals(theirs.getOrDefault(value, 0))) {
        bytes += function.of(value) == Precision.FULL ? 4 : 2;
      }
    }
    return bytes;
  }

  private Set<Value> read(Node node) {
    Set<Value> read = new HashSet<>();
    if (node instanceof Node.Apply apply
        && apply.callee() instanceof Node.Callee.OfOperation(var operation)
        && !activity.of(apply).never()) {
      for (int i = 0; i < apply.operands().size(); i++) {
        if (Signatures.differentiable(operation, i)
            && !activity.of(apply.operands().get(i)).never()) {
          operation
              .gradient(Signatures.operand(operation, i).name())
              .ifPresent(gradient -> collect(apply, operation, gradient, read));
        }
      }
    }
    return read;
  }

  private void collect(
      Node.Apply node, OperationModel operation, GradientModel gradient, Set<Value> read) {
    for (GradientModel.Read each : gradient.reads()) {
      switch (each) {
        case GradientModel.Read.OfResult(boolean layoutOnly) -> {
          if (!layoutOnly) {
            read.add(bases.getOrDefault(node.result(), node.result()));
          }
        }
        case GradientModel.Read.OfOperand(String name, boolean layoutOnly) -> {
          for (int i = 0; i < node.operands().size() && !layoutOnly; i++) {
            if (Signatures.operand(operation, i).name().equals(name)
                && node.operands().get(i) instanceof Node.Operand.OfValue(Value value)) {
              read.add(bases.getOrDefault(value, value));
            }
          }
        }
        default -> {}
      }
    }
  }
}
