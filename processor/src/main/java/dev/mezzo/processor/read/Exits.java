package dev.mezzo.processor.read;

import com.sun.source.tree.BreakTree;
import com.sun.source.tree.ContinueTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.Returned;
import dev.mezzo.processor.read.TensorReader.Naming;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Ways out of loops, and of branches that only some ways leave. A variable says that one was taken,
 * and what stands behind the loop or branch is read for where it was not; what is returned there
 * waits in an array.
 */
final class Exits {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final List<Frame> frames = new ArrayList<>();
  private Optional<Value> results = Optional.empty();
  private Optional<Returned> waiting = Optional.empty();

  Exits(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
  }

  /** What a way out leads through, from within. */
  private sealed interface Frame {
    /** The variable that an exit through it sets. */
    Optional<String> variable();
  }

  /** The passes of a loop, which the variable ends. */
  private record Passes(Optional<String> label, Optional<String> variable) implements Frame {}

  /** What stands behind a loop or branch. */
  private record Behind(Optional<String> variable) implements Frame {}

  /** A switch, which a break ends. */
  private record Cases(Optional<String> variable) implements Frame {}

  /**
   * How a loop or branch is left.
   *
   * @param variable says whether it was
   * @param results what is returned there, if anything is
   */
  record Left(String variable, Optional<Value> results) {}

  /** Whether a return here does not end what is read. */
  boolean within() {
    return !frames.isEmpty();
  }

  /**
   * Declares how a loop or branch is left, before it is read.
   *
   * @param returns whether by a return, too
   */
  Left from(TreePath path, boolean returns) {
    String variable = flag(returns ? "returned" : "left", path);
    if (returns && frames.isEmpty()) {
      Value array = scope.newArray(scope.names().derived("results"));
      scope.add(new Statement.Apply(array, new Call.OfArray(List.of()), context.at(path)));
      results = Optional.of(array);
    }
    return new Left(variable, results);
  }

  /** Reads the loop or branch. */
  void reading(Left left, Runnable reader) {
    within(new Behind(Optional.of(left.variable())), reader);
  }

  /** Reads the body of a loop, which {@code stop} ends. */
  void passes(TreePath loop, Optional<String> stop, Runnable reader) {
    within(new Passes(Flow.label(loop), stop), reader);
  }

  /** Reads the cases of a switch. */
  void cases(Runnable reader) {
    within(new Cases(Optional.empty()), reader);
  }

  private void within(Frame frame, Runnable reader) {
    frames.add(frame);
    reader.run();
    frames.removeLast();
  }

  /** A variable that is false until a way out is taken. */
  String flag(String base, TreePath path) {
    String name = scope.names().derived(base);
    Argument.Plain no = tensors.plain().made("false", "boolean", List.of(), path);
    scope.add(new Statement.PlainLocal("boolean", name, no, context.at(path)));
    return name;
  }

  void leave(TreePath path, BreakTree tree) {
    leave(path, label(tree.getLabel()), true);
  }

  void leave(TreePath path, ContinueTree tree) {
    leave(path, label(tree.getLabel()), false);
  }

  private static Optional<String> label(javax.lang.model.element.@Nullable Name label) {
    return Optional.ofNullable(label).map(Object::toString);
  }

  private void leave(TreePath path, Optional<String> label, boolean ends) {
    for (Frame frame : frames.reversed()) {
      boolean last =
          switch (frame) {
            case Passes passes -> label.isEmpty() || passes.label().equals(label);
            case Cases _ -> ends && label.isEmpty();
            case Behind _ -> false;
          };
      if (!last || ends) {
        set(frame, path);
      }
      if (last) {
        return;
      }
    }
  }

  /** A return: its result waits, and everything is left. */
  void leave(TreePath path, Returned returned) {
    for (int i = 0; i < returned.parts().size(); i++) {
      Argument.Plain index = Argument.Plain.number(i, returned.position());
      Argument.OfTensor part = returned.parts().get(i);
      scope.add(new Statement.Write(results.orElseThrow(), index, part, returned.position()));
    }
    waiting = Optional.of(returned);
    frames.reversed().forEach(frame -> set(frame, path));
  }

  private void set(Frame frame, TreePath path) {
    if (frame.variable().isPresent()) {
      String name = frame.variable().get();
      Argument.Plain yes = tensors.plain().made(name + " = true", "boolean", List.of(name), path);
      scope.add(new Statement.PlainAssign(name, yes, context.at(path)));
    }
  }

  /** The condition that a loop or branch was left, or was not. */
  Argument.Plain condition(Left left, boolean was, TreePath path) {
    String name = left.variable();
    return tensors.plain().made(was ? name : "!" + name, "boolean", List.of(name), path);
  }

  /** Returns what waits; nothing, where it could not be read. */
  void result(Left left, String name, TreePath path) {
    if (waiting.isEmpty() || left.results().isEmpty()) {
      return;
    }
    var array = new FunctionScope.OfArray(left.results().get(), true);
    List<Argument.OfTensor> parts = new ArrayList<>();
    for (int i = 0; i < waiting.get().parts().size(); i++) {
      Argument.Plain index = Argument.Plain.number(i, context.at(path));
      parts.add(tensors.arrays().element(path, array, index, new Naming(name, false)));
    }
    scope.returns(Optional.of(new Returned(parts, waiting.get().record(), context.at(path))));
  }
}
