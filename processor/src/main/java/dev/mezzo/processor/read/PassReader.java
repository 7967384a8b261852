package dev.mezzo.processor.read;

import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.LoopHead;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.Binding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.lang.model.element.Element;
import org.jspecify.annotations.Nullable;

/** Reads the passes of a loop: what goes around them, their body, what ends each. */
final class PassReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final PlainReader plain;
  private final BlockReader blocks;
  private final Exits exits;

  PassReader(
      LayerContext context,
      FunctionScope scope,
      PlainReader plain,
      BlockReader blocks,
      Exits exits) {
    this.context = context;
    this.scope = scope;
    this.plain = plain;
    this.blocks = blocks;
    this.exits = exits;
  }

  /**
   * Reads a loop.
   *
   * @param updates what each pass ends with, unless it ends the loop
   * @param head reads what drives it, when what is carried has its names; null if that fails
   */
  void read(
      TreePath path, TreePath body, List<TreePath> updates, Supplier<@Nullable LoopHead> head) {
    read(path, body, updates, head, () -> {});
  }

  /** The same, where each pass begins with something. */
  void read(
      TreePath path,
      TreePath body,
      List<TreePath> updates,
      Supplier<@Nullable LoopHead> head,
      Runnable begin) {
    Map<Element, Binding> before = scope.bindings();
    List<Carrying> carried = carried(body);
    LoopHead drives = head.get();
    Optional<String> stop = stop(path, body);
    Block passes =
        scope.block(
            () -> {
              begin.run();
              exits.passes(path, stop, () -> blocks.read(Flow.statements(body)));
              update(path, updates, stop);
            });
    List<Statement.Carried> all = new ArrayList<>();
    Map<Element, Binding> after = new LinkedHashMap<>(before);
    for (Carrying each : carried) {
      List<Argument.OfTensor> next = parts(scope.binding(each.local()), context.at(path));
      if (next.size() < each.inside().size()) {
        after.put(each.local(), new FunctionScope.Broken());
        continue;
      }
      List<Value> behind = new ArrayList<>();
      for (int i = 0; i < next.size(); i++) {
        Value inside = each.inside().get(i);
        behind.add(scope.newValue(inside.name()));
        all.add(
            new Statement.Carried(inside, behind.getLast(), each.initial().get(i), next.get(i)));
      }
      after.put(each.local(), bound(each.names(), behind, context.at(path)));
    }
    scope.restore(after);
    if (drives != null) {
      scope.add(new Statement.Loop(drives, all, stop, passes, context.at(path)));
    }
  }

  /**
   * A variable that goes around.
   *
   * @param names of a record's components; none where it is a tensor
   */
  private record Carrying(
      Element local, List<String> names, List<Value> inside, List<Argument.OfTensor> initial) {}

  /** The tensors from before the loop that its passes change. */
  private List<Carrying> carried(TreePath body) {
    List<Carrying> carried = new ArrayList<>();
    for (Element local : Assignments.written(body, context.resolver())) {
      Binding binding = scope.binding(local);
      List<Argument.OfTensor> initial = parts(binding, context.at(body));
      if (initial.isEmpty()) {
        continue;
      }
      String own = local.getSimpleName().toString();
      List<String> names = binding instanceof FunctionScope.OfRecord of ? of.names() : List.of();
      List<Value> inside = new ArrayList<>();
      for (int i = 0; i < initial.size(); i++) {
        inside.add(
            scope.newValue(
                names.isEmpty()
                    ? scope.names().own(own)
                    : scope.names().derived(RecordReader.name(own, names.get(i)))));
      }
      carried.add(new Carrying(local, names, inside, initial));
      scope.bind(local, bound(names, inside, context.at(body)));
    }
    return carried;
  }

  private static List<Argument.OfTensor> parts(@Nullable Binding binding, SourcePosition position) {
    return switch (binding) {
      case null -> List.of();
      case FunctionScope.OfRecord(var _, var parts) -> parts;
      case Binding other -> Binding.tensor(other, position).map(List::of).orElse(List.of());
    };
  }

  private static Binding bound(List<String> names, List<Value> values, SourcePosition position) {
    return names.isEmpty()
        ? new FunctionScope.OfValue(values.getFirst())
        : new FunctionScope.OfRecord(
            names,
            values.stream()
                .<Argument.OfTensor>map(value -> new Argument.OfValue(value, position))
                .toList());
  }

  /** The variable that a break sets. */
  private Optional<String> stop(TreePath path, TreePath body) {
    return Flow.ends(body.getLeaf(), Flow.label(path))
        ? Optional.of(exits.flag("stopped", path))
        : Optional.empty();
  }

  private void update(TreePath path, List<TreePath> updates, Optional<String> stop) {
    if (stop.isEmpty() || updates.isEmpty()) {
      blocks.read(updates);
      return;
    }
    Argument.Plain on = plain.made("!" + stop.get(), "boolean", List.of(stop.get()), path);
    Block update = scope.block(() -> blocks.read(updates));
    scope.add(new Statement.If(on, update, new Block(List.of()), List.of(), context.at(path)));
  }
}
