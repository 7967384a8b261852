package dev.mezzo.processor.read;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.read.resolve.Resolver;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
  private final List<TreePath> paths = new ArrayList<>();

  SourceTrees(Trees trees, Elements elements, Types types) {
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

  /** A position of the model for an element's declaration. */
  SourcePosition at(Element element) {
    return at(trees.getPath(element));
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
        .filter(problem -> problem.isError() || !silenced(problem))
        .sorted(Comparator.comparingLong(problem -> start(problem.position())))
        .forEach(this::print);
  }

  private void print(Problem problem) {
    TreePath path = paths.get(problem.position().tree());
    trees.printMessage(
        problem.isError() ? Diagnostic.Kind.ERROR : Diagnostic.Kind.WARNING,
        problem.message(),
        path.getLeaf(),
        path.getCompilationUnit());
  }

  private long start(SourcePosition position) {
    TreePath path = paths.get(position.tree());
    return positions.getStartPosition(path.getCompilationUnit(), path.getLeaf());
  }

  private boolean silenced(Problem problem) {
    String id = "mezzo:" + problem.entry().id();
    for (TreePath path = paths.get(problem.position().tree());
        path != null;
        path = path.getParentPath()) {
      if (suppresses(path.getLeaf(), id)) {
        return true;
      }
    }
    return false;
  }

  private static boolean suppresses(Tree declaration, String id) {
    ModifiersTree modifiers =
        switch (declaration) {
          case ClassTree type -> type.getModifiers();
          case MethodTree method -> method.getModifiers();
          case VariableTree variable -> variable.getModifiers();
          default -> null;
        };
    return modifiers != null
        && modifiers.getAnnotations().stream().anyMatch(annotation -> names(annotation, id));
  }

  private static boolean names(AnnotationTree annotation, String id) {
    if (!annotation.getAnnotationType().toString().endsWith("SuppressWarnings")) {
      return false;
    }
    boolean[] found = {false};
    new TreeScanner<Void, Void>() {
      @Override
      public Void visitLiteral(LiteralTree literal, Void unused) {
        found[0] |= id.equals(literal.getValue());
        return null;
      }
    }.scan(annotation, null);
    return found[0];
  }
}
