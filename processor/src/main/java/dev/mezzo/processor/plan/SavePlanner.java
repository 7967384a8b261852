package dev.mezzo.processor.plan;

import static java.util.Objects.requireNonNull;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.GradientModel;
import dev.mezzo.processor.model.GradientModel.Read;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.Body.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Finds what the gradients that are needed read, and saves that: a value once, right after the last
 * node whose gradient reads it. Read for its layout only, the layout is saved, or comes from the
 * tensor where that is restored anyway. A value that only one way of a branch reads is saved on
 * that way; one from outside of a loop is saved once, behind the loop. Of branches the choice is
 * saved, of loops the bounds or the number of passes. Not saved: parameters, views of parameters
 * (made again: they share memory), and plain Java that can be evaluated again.
 */
final class SavePlanner {
  private final TypedFunction function;
  private final Activity activity;
  private final Names names;
  private final Map<Value, Node.Apply> views = new HashMap<>();
  private final Map<Value, Reads> reads = new LinkedHashMap<>();
  private final Map<SavePlan.Position, PlainReads> plainReads = new LinkedHashMap<>();
  private final Map<Place, List<SavePlan.Entry>> entries = new HashMap<>();
  private final Map<SavePlan.Position, Saved> plain = new HashMap<>();
  private final Map<Value, SavePlan.Span> tensors = new HashMap<>();
  private final Map<Value, Value> layouts = new HashMap<>();
  private final Map<Value, SavePlan.Remake> remade = new LinkedHashMap<>();
  private final Map<Place, Value> passes = new LinkedHashMap<>();
  private final Map<Integer, Body> bodies = new HashMap<>();

  /** Values that have the name of another one, which they take over the variable of. */
  private final Set<Value> behindLoop = new HashSet<>();

  private final Set<String> restoredLocals = new HashSet<>();
  private final Regions regions;
  private final Set<Gaps.Gap> gaps;

  private SavePlanner(TypedFunction function, Activity activity, Names names) {
    this.function = function;
    this.activity = activity;
    this.names = names;
    this.regions = Regions.of(function);
    this.gaps = Gaps.of(function, activity, regions);
  }

  static SavePlan plan(TypedFunction function, Activity activity, Names names) {
    SavePlanner planner = new SavePlanner(function, activity, names);
    planner.note(function.body());
    planner.reads.forEach(planner::save);
    planner.plainReads.forEach(planner::save);
    planner.passes.forEach(planner::save);
    return new SavePlan(
        planner.regions,
        planner.entries,
        planner.plain,
        planner.tensors,
        planner.layouts,
        planner.views,
        planner.remade,
        planner.passes,
        planner.gaps);
  }

  private void note(Body body) {
    bodies.put(body.id(), body);
    noteGaps(body.place(-1));
    for (int i = 0; i < body.nodes().size(); i++) {
      note(body.place(i), body.nodes().get(i));
    }
  }

  private void note(Place place, Node node) {
    switch (node) {
      case Node.Apply apply -> note(place, apply);
      case Node.If branch -> {
        branch.bodies().forEach(this::note);
        if (!activity.of(branch).never()) {
          notePlain(
              place, 0, "taken", branch.condition().plain(), Need.ALWAYS, Saved.Reader.BRANCH);
        }
      }
      case Node.Loop loop -> {
        loop.carried().forEach(carried -> behindLoop.add(carried.after()));
        note(loop.body());
        if (!activity.of(loop).never()) {
          note(place, loop);
        }
      }
      case Node.Write write -> {
        if (!activity.of(write).never()) {
          notePlain(place, 0, "index", write.index().plain(), Need.ALWAYS, Saved.Reader.ELEMENT);
          noteElement(place, write.operand());
        }
      }
      case Node.Cast cast -> {}
      case Node.Local local -> {}
      case Node.Assign assign -> {}
      case Node.Effect effect -> {}
    }
    noteGaps(place);
  }

  private void note(Place place, Node.Loop loop) {
    boolean counted = regions.isCounted(loop, place);
    if (counted) {
      passes.put(place, names.value("passes"));
    }
    switch (loop.head()) {
      case LoopHead.Range range -> {
        notePlain(place, 0, "from", range.from(), Need.ALWAYS, Saved.Reader.LOOP);
        if (!counted) {
          notePlain(place, 1, "end", range.to(), Need.ALWAYS, Saved.Reader.LOOP);
        }
      }
      case LoopHead.Each each -> {
        if (regions.recovers(loop, place)) {
          notePlain(place, 0, "elements", each.elements(), Need.ALWAYS, Saved.Reader.LOOP);
        }
      }
      case LoopHead.While unknown -> {}
    }
  }

  private void noteGaps(Place place) {
    for (Gaps.Gap gap : gaps) {
      if (gap.place().equals(place)) {
        note(place, gap.value(), true, activity.of(gap.value()), Saved.Reader.ZEROS);
      }
    }
  }

  /** Who reads a value: nodes, by what they read. */
  private static final class Reads {
    private final List<Place> tensor = new ArrayList<>();
    private final List<Place> layout = new ArrayList<>();
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

  private void note(Place place, Node.Apply node) {
    if (node.recomputed() && !activity.of(node).never()) {
      noteRecomputed(place, node);
    }
    switch (node.callee()) {
      case Node.Callee.OfOperation(OperationModel operation) -> {
        if (operation.view() && !operation.taped()) {
          noteView(place, node);
        }
        note(place, node, operation);
      }
      case Node.Callee.OfLayer(LayerReference layer, var signature, var _) ->
          layer.element().ifPresent(element -> noteElement(place, node, layer, element));
      case Node.Callee.OfFunction function -> {}
      case Node.Callee.OfArray array -> {
        if (!activity.of(node).never()) {
          node.operands().forEach(element -> noteElement(place, element));
        }
      }
      case Node.Callee.OfElement element -> {
        if (node.operands().getFirst() instanceof Node.Operand.OfParameter) {
          noteView(place, node);
        }
        if (!activity.of(node).never()
            && node.operands().get(1) instanceof Node.Operand.OfPlain(var index)) {
          notePlain(place, 1, "index", index, Need.ALWAYS, Saved.Reader.ELEMENT);
        }
      }
    }
  }

  /** What runs again is given the same again, random numbers too. */
  private void noteRecomputed(Place place, Node.Apply node) {
    Need need = node.hasParameters() ? Need.ALWAYS : activity.of(node);
    var reader = Saved.Reader.RECOMPUTED;
    for (int i = 0; i < node.operands().size(); i++) {
      switch (node.operands().get(i)) {
        case Node.Operand.OfValue(Value value) -> note(place, value, false, need, reader);
        case Node.Operand.OfPlain(var code) -> notePlain(place, i, "argument", code, need, reader);
        case Node.Operand.OfParameter _ -> {}
      }
    }
    Value draws = names.value("draws");
    var content = Saved.Content.PLAIN;
    Saved saved = new Saved(draws, draws, content, "long", Precision.ANY, List.of(reader));
    plain.put(new SavePlan.Position(place, SavePlan.DRAWS), saved);
    push(place, saved, need);
  }

  /** The gradient of an element that nothing reads is zero. */
  private void noteElement(Place place, Node.Operand element) {
    if (element instanceof Node.Operand.OfValue(Value value) && !activity.of(value).never()) {
      note(place, value, true, activity.of(value), Saved.Reader.ZEROS);
    }
  }

  /** Backward calls the same one of several layers. */
  private void noteElement(
      Place place, Node.Apply node, LayerReference layer, Argument.Plain element) {
    Need need = node.hasParameters() ? Need.ALWAYS : activity.of(node);
    if (!activity.of(node).never()) {
      String name = layer.field().holder() == Holder.MAP ? "key" : "index";
      var reader = new Saved.Reader(layer.name() + ".forward", "");
      notePlain(place, node.operands().size() - 1, name, element, need, reader);
    }
  }

  private void noteView(Place place, Node.Apply node) {
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
                        && regions.isRepeatable(code, place.body()));
    if (ofParameter && repeatable) {
      views.put(node.result(), node);
    }
  }

  private void note(Place place, Node.Apply node, OperationModel operation) {
    if (activity.of(node).never()) {
      return;
    }
    if (operation.several()) {
      Value layouts = names.value(node.result().name() + "Layouts");
      var content = Saved.Content.LAYOUT;
      var readers = List.of(Saved.Reader.ZEROS);
      saveArray(place, SavePlan.RESULT, node.result(), layouts, content, readers);
    }
    List<Boolean> differentiable = node.differentiable();
    for (int i = 0; i < differentiable.size(); i++) {
      Need need = activity.of(node.operands().get(i));
      if (differentiable.get(i) && !need.never()) {
        String operand = Signatures.operand(operation, i).name();
        GradientModel gradient = operation.gradient(operand).orElseThrow();
        boolean only = operation.gradients().size() == 1;
        var reader = new Saved.Reader(operation.name(), only ? "" : operand);
        gradient.reads().forEach(read -> note(place, node, read, need, reader));
      }
    }
  }

  private void note(Place place, Node.Apply node, Read read, Need need, Saved.Reader reader) {
    switch (read) {
      case Read.OfResultGradient gradient -> {}
      case Read.OfWanted _, Read.OfSum _ -> {}
      case Read.OfResult(boolean layoutOnly) ->
          note(place, node.result(), layoutOnly, need, reader);
      case Read.OfOperand(String name, boolean layoutOnly) -> {
        int operand = SavePlan.operand(node, name);
        switch (node.operands().get(operand)) {
          case Node.Operand.OfValue(Value value) -> {
            if (value.several()) {
              noteArray(place, operand, value, layoutOnly, reader);
            } else {
              note(place, value, layoutOnly, need, reader);
            }
          }
          case Node.Operand.OfParameter parameter -> {}
          case Node.Operand.OfPlain(Argument.Plain code) ->
              notePlain(place, operand, name, code, need, reader);
        }
      }
    }
  }

  /** Arrays change: each reader has what there is of it right then. */
  private void noteArray(
      Place place, int operand, Value array, boolean layoutOnly, Saved.Reader reader) {
    saveArray(
        place,
        operand,
        array,
        layoutOnly ? names.value(array.name() + "Layouts") : names.array(array.name()),
        layoutOnly ? Saved.Content.LAYOUT : Saved.Content.TENSOR,
        List.of(reader));
  }

  private void saveArray(
      Place place,
      int operand,
      Value array,
      Value restored,
      Saved.Content content,
      List<Saved.Reader> readers) {
    Saved saved = saved(array, restored, content, readers);
    if (plain.putIfAbsent(new SavePlan.Position(place, operand), saved) == null) {
      push(place, saved, Need.ALWAYS);
    }
  }

  private void note(Place place, Value value, boolean layoutOnly, Need need, Saved.Reader reader) {
    Node.Apply view = views.get(value);
    if (view != null) {
      remake(view, need);
      return;
    }
    Reads found = reads.computeIfAbsent(value, v -> new Reads());
    (layoutOnly ? found.layout : found.tensor).add(place);
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
      Place place, int operand, String name, Argument.Plain code, Need need, Saved.Reader reader) {
    if (regions.isRepeatable(code, place.body())) {
      return;
    }
    var position = new SavePlan.Position(place, operand);
    PlainReads found = plainReads.computeIfAbsent(position, p -> new PlainReads(name, code));
    found.readers.add(reader);
    found.need = found.need.or(need);
  }

  private void save(SavePlan.Position position, PlainReads found) {
    Argument.Plain code = found.code;
    boolean isLocal = code.locals().contains(code.code()) && !isChangedIn(position, code.code());
    Value variable = isLocal ? names.alias(code.code()) : names.value(found.name);
    Value restored =
        isLocal && !restoredLocals.add(code.code()) ? names.value(code.code()) : variable;
    var content = Saved.Content.PLAIN;
    Saved saved = new Saved(variable, restored, content, code.type(), Precision.ANY, found.readers);
    plain.put(position, saved);
    push(position.node(), saved, found.need);
  }

  /** Whether a variable has another value when the branch or loop that reads it is through. */
  private boolean isChangedIn(SavePlan.Position position, String variable) {
    return node(position.node()).bodies().stream()
        .flatMap(Body::all)
        .anyMatch(
            node ->
                node instanceof Node.Assign(Statement.PlainAssign assign)
                    && assign.name().equals(variable));
  }

  private Node node(Place place) {
    return requireNonNull(bodies.get(place.body())).nodes().get(place.index());
  }

  private void save(Place place, Value counter) {
    var content = Saved.Content.PLAIN;
    var readers = List.of(Saved.Reader.LOOP);
    push(place, new Saved(counter, counter, content, "int", Precision.ANY, readers), Need.ALWAYS);
  }

  private void save(Value value, Reads found) {
    List<Place> all = new ArrayList<>(found.tensor);
    all.addAll(found.layout);
    int body = regions.common(all, regions.home(value));
    int last = all.stream().mapToInt(place -> regions.lift(place, body)).max().orElseThrow();
    if (found.tensor.isEmpty()) {
      Value layout = names.value(value.name() + "Layout");
      layouts.put(value, layout);
      Saved saved = saved(value, layout, Saved.Content.LAYOUT, found.ofLayout);
      push(new Place(body, last), saved, found.need);
      return;
    }
    int first = lifted(found.tensor, body).min().orElseThrow();
    if (lifted(found.layout, body).anyMatch(index -> index < first)) {
      layouts.put(value, names.value(value.name() + "Layout"));
    }
    Value restored = behindLoop.contains(value) ? names.value(value.name()) : value;
    tensors.put(value, new SavePlan.Span(body, first, restored));
    Saved saved = saved(value, restored, Saved.Content.TENSOR, found.ofTensor);
    push(new Place(body, last), saved, found.need);
  }

  private IntStream lifted(List<Place> places, int body) {
    return places.stream().mapToInt(place -> regions.lift(place, body));
  }

  private Saved saved(
      Value value, Value restored, Saved.Content content, List<Saved.Reader> readers) {
    return new Saved(value, restored, content, "", function.of(value), readers);
  }

  private void push(Place place, Saved saved, Need need) {
    entries.computeIfAbsent(place, p -> new ArrayList<>()).add(new SavePlan.Entry(saved, need));
  }
}
