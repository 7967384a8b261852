package dev.mezzo.processor.read;

import static java.util.Objects.requireNonNull;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;
import dev.mezzo.processor.model.SourceExcerpt;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.read.resolve.Resolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import javax.tools.Diagnostic;
import org.jspecify.annotations.Nullable;

/** The trees of one round, and the keys under which the model knows them. */
final class SourceTrees {
  private final Trees trees;
  private final SourcePositions positions;
  private final Resolver resolver;
  private final boolean strict;
  private final List<TreePath> paths = new ArrayList<>();

  /**
   * The trees of a round.
   *
   * @param strict whether warnings are printed as errors
   */
  SourceTrees(Trees trees, Elements elements, Types types, boolean strict) {
    this.strict = strict;
    this.trees = trees;
    this.resolver = new Resolver(trees, elements, types);
    this.positions = trees.getSourcePositions();
  }

  Trees trees() {
    return trees;
  }

  /** A position of the model for a tree. */
  SourcePosition at(TreePath path) {
    CompilationUnitTree unit = path.getCompilationUnit();
    String file = unit.getSourceFile().getName();
    String simple = file.substring(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
    long start = positions.getStartPosition(unit, path.getLeaf());
    int line = start < 0 ? 1 : (int) unit.getLineMap().getLineNumber(start);
    paths.add(path);
    return new SourcePosition(simple, line, paths.size() - 1);
  }

  /**
   * A position of the model for an element's declaration; of one that is not written, as a record's
   * accessor, that of what it belongs to.
   */
  SourcePosition at(Element element) {
    TreePath path = trees.getPath(element);
    return path == null ? at(requireNonNull(element.getEnclosingElement())) : at(path);
  }

  /** The text of a class, and where the positions stand in it. */
  SourceExcerpt excerpt(Element type, Set<SourcePosition> wanted) throws IOException {
    TreePath path = trees.getPath(type);
    CompilationUnitTree unit = path.getCompilationUnit();
    int begin = (int) positions.getStartPosition(unit, path.getLeaf());
    int end = (int) positions.getEndPosition(unit, path.getLeaf());
    String file = unit.getSourceFile().getCharContent(true).toString();
    Map<SourcePosition, SourceExcerpt.Span> spans = new HashMap<>();
    for (SourcePosition position : wanted) {
      Tree tree = paths.get(position.tree()).getLeaf();
      int from = (int) positions.getStartPosition(unit, tree) - begin;
      int to = (int) positions.getEndPosition(unit, tree) - begin;
      if (from >= 0 && to > from) {
        spans.put(position, new SourceExcerpt.Span(from, to));
      }
    }
    int line = (int) unit.getLineMap().getLineNumber(begin);
    return new SourceExcerpt(file.substring(begin, end), line, spans);
  }

  /** What names in method bodies mean. */
  Resolver resolver() {
    return resolver;
  }

  /** The element that a class, method or field tree declares. */
  @Nullable Element declared(TreePath path) {
    return trees.getElement(path);
  }

  /** Prints what is not silenced, in the order of the source. */
  void print(List<Problem> problems) {
    problems.stream()
        .filter(problem -> problem.isError() || !isSilenced(problem))
        .sorted(Comparator.comparingLong(problem -> start(problem.position())))
        .forEach(this::print);
  }

  private void print(Problem problem) {
    print(
        problem.isError() || strict ? Diagnostic.Kind.ERROR : Diagnostic.Kind.WARNING,
        problem.message(),
        problem.position());
    problem.notes().forEach(note -> print(Diagnostic.Kind.NOTE, note.message(), note.position()));
  }

  private void print(Diagnostic.Kind kind, String message, SourcePosition position) {
    TreePath path = paths.get(position.tree());
    trees.printMessage(kind, message, path.getLeaf(), path.getCompilationUnit());
  }

  private long start(SourcePosition position) {
    TreePath path = paths.get(position.tree());
    return positions.getStartPosition(path.getCompilationUnit(), path.getLeaf());
  }

  private boolean isSilenced(Problem problem) {
    return Suppression.covers(paths.get(problem.position().tree()), problem.entry());
  }
}
