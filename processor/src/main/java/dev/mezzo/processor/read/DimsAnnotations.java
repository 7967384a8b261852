package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.dims.DimParser;
import dev.mezzo.processor.model.DeclaredShape;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.syntax.SyntaxException;
import java.util.List;
import java.util.Optional;

/** Reads {@code @Dims} where it stands in source. */
final class DimsAnnotations {
  private final SourceTrees trees;
  private final Complaints complaints;

  DimsAnnotations(SourceTrees trees, Complaints complaints) {
    this.trees = trees;
    this.complaints = complaints;
  }

  /** The shape that a declaration's annotation says, if it has one; reports one that says none. */
  Optional<DeclaredShape> read(
      TreePath declaration, ModifiersTree modifiers, String subject, boolean tensor) {
    TreePath modifiersPath = child(declaration, modifiers);
    for (AnnotationTree annotation : modifiers.getAnnotations()) {
      String written = annotation.getAnnotationType().toString();
      if (written.equals("Dims") || written.endsWith(".annotations.Dims")) {
        return read(child(modifiersPath, annotation), annotation, subject, tensor);
      }
    }
    return Optional.empty();
  }

  private Optional<DeclaredShape> read(
      TreePath path, AnnotationTree annotation, String subject, boolean tensor) {
    try {
      if (!tensor) {
        throw new Flaw("is on what is no tensor");
      }
      List<String> dims =
          annotation.getArguments().stream().flatMap(a -> text(a).stream()).toList();
      return Optional.of(new DeclaredShape(DimParser.shape(dims), trees.at(path)));
    } catch (SyntaxException flaw) {
      complaints.add(path, Catalogue.MALFORMED_DIMS, subject, "is not understood: " + flaw.flaw());
    } catch (Flaw flaw) {
      complaints.add(path, Catalogue.MALFORMED_DIMS, subject, flaw.found);
    }
    return Optional.empty();
  }

  private static List<String> text(ExpressionTree tree) {
    return switch (tree) {
      case AssignmentTree member -> text(member.getExpression());
      case NewArrayTree array ->
          array.getInitializers().stream().flatMap(element -> text(element).stream()).toList();
      case LiteralTree literal when literal.getValue() instanceof String text -> List.of(text);
      default -> throw new Flaw("has '" + tree + "', which is no string");
    };
  }

  private static final class Flaw extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final String found;

    Flaw(String found) {
      super(found);
      this.found = found;
    }
  }
}
