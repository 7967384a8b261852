package dev.mezzo.processor.plan;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.SubLayerModel.Holder;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds what the gradients that are needed read, and saves that: a value once, right after the last
 * node whose gradient reads it. Read for its layout only, the layout is saved, or comes from the
 * tensor where that is restored anyway. Not saved: parameters, views of parameters (made again:
 * they share memory), and plain Java that can be evaluated again.
 */
final class SavePlanner {
  private final TypedFunction function;
  private final Activity activity;
  private final Names names;
  private final Map<Value, Node.Apply> views = new HashMap<>();
  private final Map<Value, Reads> reads = new LinkedHashMap<>();
  private final Map<SavePlan.Position, PlainReads> plainReads = new LinkedHashMap<>();
  private final Map<Integer, List<SavePlan.Entry>> entries = new HashMap<>();
  private final Map<SavePlan.Position, Value> plain = new HashMap<>();
  private final Map<Value, SavePlan.Span> tensors = new HashMap<>();
  private final Map<Value, Value> layouts = new HashMap<>();
  private final Map<Value, SavePlan.Remake> remade = new LinkedHashMap<>();

  private SavePlanner(TypedFunction function, Activity activity, Names names) {
    this.function = function;
    this.activity = activity;
    this.names = names;
  }

  static SavePlan plan(TypedFunction function, Activity activity, Names names) {
    SavePlanner planner = new SavePlanner(function, activity, names);
    for (int i = 0; i < function.nodes().size(); i++) {
      if (function.nodes().get(i) instanceof Node.Apply apply) {
        planner.note(i, apply);
      }
    }
    planner.reads.forEach(planner::save);
    planner.plainReads.forEach(planner::save);
    return new SavePlan(
        planner.entries, planner.plain, planner.tensors, planner.layouts, planner.remade);
  }

  /** Who reads a value: indices of nodes, by what they read. */
  private static final class Reads {
    private final List<Integer> tensor = new ArrayList<>();
    private final List<Integer> layout = new ArrayList<>();
    private final List<Saved.Reader> ofTensor = new ArrayList<>();
    private final List<Saved.Reader> ofLayout = new ArrayList<>();
    private Need need = Need.NEVER;
  }

  /** The same for a plain operand that backward cannot evaluate again. */
  private static final class PlainReads {
    private final String name;
    private final Argument.Plain code;
    private final List<Saved.Reader> readers = new ArrayList<>();
    private Need need = Need.NEVER;

    PlainReads(String name, Argument.Plain code) {
      this.name = name;
      this.code = code;
    }
  }

  private void note(int index, Node.Apply node) {
    switch (node.callee()) {
      case Node.Callee.OfOperation(OperationModel operation) -> {
        noteView(node, operation);
        note(index, node, operation);
      }
      case Node.Callee.OfLayer(LayerReference layer, var signature) ->
          layer.element().ifPresent(element -> noteElement(index, node, layer, element));
      case Node.Callee.OfFunction function -> {}
    }
  }

  /** Backward calls the same one of several layers. */
  private void noteElement(
      int index, Node.Apply node, LayerReference layer, Argument.Plain element) {
    Need need = node.hasParameters() ? Need.ALWAYS : activity.of(node);
    if (!activity.of(node).never()) {
      String name = layer.field().holder() == Holder.MAP ? "key" : "index";
      var reader = new Saved.Reader(layer.name() + ".forward", "");
      notePlain(index, node.operands().size() - 1, name, element, need, reader);
    }
  }

  private void noteView(Node.Apply node, OperationModel operation) {
    if (!operation.view() || operation.taped()) {
      return;
    }
    boolean ofParameter =
        switch (node.operands().getFirst()) {
          case Node.Operand.OfParameter parameter -> true;
          case Node.Operand.OfValue(Value value) -> views.containsKey(value);
          case Node.Operand.OfPlain code -> false;
        };
    boolean repeatable =
        node.operands().stream()
            .skip(1)
            .allMatch(
                operand ->
                    operand instanceof Node.Operand.OfPlain(Argument.Plain code)
                        && code.repeatable());
    if (ofParameter && repeatable) {
      views.put(node.result(), node);
    }
  }

  private void note(int index, Node.Apply node, OperationModel operation) {
    if (activity.of(node).never()) {
      return;
    }
    List<Boolean> differentiable = node.differentiable();
    for (int i = 0; i < differentiable.size(); i++) {
      Need need = activity.of(node.operands().get(i));
      if (differentiable.get(i) && !need.never()) {
        String operand = Signatures.operand(operation, i).name();
        GradientModel gradient = operation.gradient(operand).orElseThrow();
        boolean only = operation.gradients().size() == 1;
        var reader = new Saved.Reader(operation.name(), only ? "" : operand);
        gradient.reads().forEach(read -> note(index, node, read, need, reader));
      }
    }
  }

  private void note(int index, Node.Apply node, Read read, Need need, Saved.Reader reader) {
    switch (read) {
      case Read.OfResultGradient gradient -> {}
      case Read.OfWanted wanted -> {}
      case Read.OfResult(boolean layoutOnly) ->
          note(index, node.result(), layoutOnly, need, reader);
      case Read.OfOperand(String name, boolean layoutOnly) -> {
        int operand = SavePlan.operand(node, name);
        switch (node.operands().get(operand)) {
          case Node.Operand.OfValue(Value value) -> note(index, value, layoutOnly, need, reader);
          case Node.Operand.OfParameter parameter -> {}
          case Node.Operand.OfPlain(Argument.Plain code) ->
              notePlain(index, operand, name, code, need, reader);
        }
      }
    }
  }

  private void note(int index, Value value, boolean layoutOnly, Need need, Saved.Reader reader) {
    Node.Apply view = views.get(value);
    if (view != null) {
      remake(view, need);
      return;
    }
    Reads found = reads.computeIfAbsent(value, v -> new Reads());
    (layoutOnly ? found.layout : found.tensor).add(index);
    (layoutOnly ? found.ofLayout : found.ofTensor).add(reader);
    found.need = found.need.or(need);
  }

  private void remake(Node.Apply view, Need need) {
    SavePlan.Remake before = remade.get(view.result());
    remade.put(
        view.result(), new SavePlan.Remake(view, before == null ? need : before.need().or(need)));
    if (view.operands().getFirst() instanceof Node.Operand.OfValue(Value base)) {
      Node.Apply below = views.get(base);
      if (below != null) {
        remake(below, need);
      }
    }
  }

  private void notePlain(
      int index, int operand, String name, Argument.Plain code, Need need, Saved.Reader reader) {
    if (code.repeatable()) {
      return;
    }
    var position = new SavePlan.Position(index, operand);
    PlainReads found = plainReads.computeIfAbsent(position, p -> new PlainReads(name, code));
    found.readers.add(reader);
    found.need = found.need.or(need);
  }

  private void save(SavePlan.Position position, PlainReads found) {
    Argument.Plain code = found.code;
    boolean isLocal = code.locals().contains(code.code());
    Value variable = isLocal ? names.alias(code.code()) : names.value(found.name);
    plain.put(position, variable);
    var content = Saved.Content.PLAIN;
    push(
        position.node(),
        new Saved(variable, variable, content, code.type(), Precision.ANY, found.readers),
        found.need);
  }

  private void save(Value value, Reads found) {
    if (found.tensor.isEmpty()) {
      Value layout = names.value(value.name() + "Layout");
      layouts.put(value, layout);
      int last = found.layout.getLast();
      push(last, saved(value, layout, Saved.Content.LAYOUT, found.ofLayout), found.need);
      return;
    }
    int first = found.tensor.getFirst();
    int last = found.tensor.getLast();
    if (!found.layout.isEmpty()) {
      last = Math.max(last, found.layout.getLast());
      if (found.layout.getFirst() < first) {
        layouts.put(value, names.value(value.name() + "Layout"));
      }
    }
    tensors.put(value, new SavePlan.Span(first, last));
    push(last, saved(value, value, Saved.Content.TENSOR, found.ofTensor), found.need);
  }

  private Saved saved(
      Value value, Value restored, Saved.Content content, List<Saved.Reader> readers) {
    return new Saved(value, restored, content, "", function.of(value), readers);
  }

  private void push(int index, Saved saved, Need need) {
    entries.computeIfAbsent(index, i -> new ArrayList<>()).add(new SavePlan.Entry(saved, need));
  }
}
