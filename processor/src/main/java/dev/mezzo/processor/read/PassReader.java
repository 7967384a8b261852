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
   * How a pass begins and ends.
   *
   * @param updates what it ends with, unless it ends the loop
   * @param again the condition of a further pass, where that is asked at the end of each
   */
  record Pass(Runnable begin, List<TreePath> updates, Optional<TreePath> again) {
    static final Pass PLAIN = new Pass(() -> {}, List.of(), Optional.empty());

    Pass beginning(Runnable with) {
      return new Pass(with, updates, again);
    }

    Pass updating(List<TreePath> with) {
      return new Pass(begin, with, again);
    }

    Pass repeatedIf(TreePath condition) {
      return new Pass(begin, updates, Optional.of(condition));
    }
  }

  /**
   * Reads a loop.
   *
   * @param head reads what drives it, when what is carried has its names; null if that fails
   */
  void read(TreePath path, TreePath body, Pass pass, Supplier<@Nullable LoopHead> head) {
    Map<Element, Binding> before = scope.bindings();
    List<Carrying> carried = carried(body);
    LoopHead drives = head.get();
    boolean ends = Flow.ends(body.getLeaf(), Flow.label(path));
    Optional<String> stop =
        ends || pass.again().isPresent()
            ? Optional.of(exits.flag("stopped", path))
            : Optional.empty();
    Block passes =
        scope.block(
            () -> {
              pass.begin().run();
              exits.passes(path, stop, () -> blocks.read(Flow.statements(body)));
              end(path, pass, stop, ends);
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

  /**
   * The end of a pass.
   *
   * @param ends whether the pass may have ended the loop already
   */
  private void end(TreePath path, Pass pass, Optional<String> stop, boolean ends) {
    Block end =
        scope.block(
            () -> {
              blocks.read(pass.updates());
              pass.again().ifPresent(condition -> again(condition, stop.orElseThrow()));
            });
    if (ends && !end.statements().isEmpty()) {
      String stopped = stop.orElseThrow();
      Argument.Plain on = plain.made("!" + stopped, "boolean", List.of(stopped), path);
      scope.add(new Statement.If(on, end, new Block(List.of()), List.of(), context.at(path)));
    } else {
      end.statements().forEach(scope::add);
    }
  }

  private void again(TreePath path, String stop) {
    Argument.Plain condition = plain.read(path);
    if (condition != null) {
      Argument.Plain code = plain.assigned(stop, plain.not(condition));
      scope.add(new Statement.PlainAssign(stop, code, context.at(path)));
    }
  }
}
