package dev.mezzo.processor.read;

import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Note;
import dev.mezzo.processor.problem.Problem;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The problems of one layer that the reader itself finds. */
final class Complaints {
  private final SourceTrees trees;
  private final List<Problem> problems = new ArrayList<>();
  private final Deque<HelperCall> calls = new ArrayDeque<>();

  Complaints(SourceTrees trees) {
    this.trees = trees;
  }

  void unsupported(TreePath path, Constructs construct, String function) {
    unsupported(path, construct.subject(), function, construct.found(), construct.cure());
  }

  void unsupported(TreePath path, String subject, String where, String found, String cure) {
    add(path, Catalogue.UNSUPPORTED_CONSTRUCT, subject, where, found, cure);
  }

  void add(TreePath path, Catalogue entry, Object... arguments) {
    problems.add(entry.at(trees.at(path), arguments).with(notes()));
  }

  /** What is found from now on stands in a helper method that is called here. */
  void enter(String caller, String helper, TreePath call) {
    calls.addLast(new HelperCall(caller, helper, trees.at(call)));
  }

  /** The helper is read. */
  void leave() {
    calls.removeLast();
  }

  /**
   * Reports a call that cannot be differentiated, with the way to it and what is wrong at its end.
   */
  void notDifferentiable(
      TreePath path, String function, String callee, List<CallChain.Link> chain) {
    List<HelperCall> before = List.copyOf(calls);
    StringBuilder way = new StringBuilder();
    for (HelperCall call : before) {
      way.append("calls ").append(call.helper()).append("(…) at ").append(call.position());
      way.append(", which ");
    }
    way.append("calls ").append(callee).append("(…) at ").append(trees.at(path));
    List<Note> notes = new ArrayList<>(notes());
    for (CallChain.Link link : chain) {
      SourcePosition position = trees.at(link.path());
      way.append(", which ").append(link.text()).append(" at ").append(position);
      notes.add(new Note("it " + link.text() + " here", position));
    }
    String entry = before.isEmpty() ? function : before.getFirst().caller();
    problems.add(Catalogue.NOT_DIFFERENTIABLE.at(trees.at(path), entry, way, callee).with(notes));
  }

  private List<Note> notes() {
    return calls.stream()
        .map(
            call ->
                new Note(
                    "'%s' calls '%s' here".formatted(call.caller(), call.helper()),
                    call.position()))
        .toList();
  }

  private record HelperCall(String caller, String helper, SourcePosition position) {}

  List<Problem> problems() {
    return List.copyOf(problems);
  }
}
