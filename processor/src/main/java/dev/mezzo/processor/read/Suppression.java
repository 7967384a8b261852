package dev.mezzo.processor.read;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreeScanner;
import dev.mezzo.processor.problem.Catalogue;
import org.jspecify.annotations.Nullable;

/**
 * {@code @SuppressWarnings("mezzo:Id")} on a class, method, field, parameter or local variable
 * silences that warning within it, {@code "mezzo"} all of Mezzo's.
 */
final class Suppression {
  private static final String ALL = "mezzo";

  private Suppression() {}

  /** Whether a declaration around the tree silences the warning. */
  static boolean covers(TreePath place, Catalogue warning) {
    String id = ALL + ":" + warning.id();
    for (TreePath path = place; path != null; path = path.getParentPath()) {
      ModifiersTree modifiers = modifiers(path.getLeaf());
      if (modifiers != null
          && modifiers.getAnnotations().stream().anyMatch(annotation -> names(annotation, id))) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable ModifiersTree modifiers(Tree declaration) {
    return switch (declaration) {
      case ClassTree type -> type.getModifiers();
      case MethodTree method -> method.getModifiers();
      case VariableTree variable -> variable.getModifiers();
      default -> null;
    };
  }

  private static boolean names(AnnotationTree annotation, String id) {
    if (!annotation.getAnnotationType().toString().endsWith("SuppressWarnings")) {
      return false;
    }
    boolean[] found = {false};
    new TreeScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitLiteral(LiteralTree literal, @Nullable Void unused) {
        found[0] |= ALL.equals(literal.getValue()) || id.equals(literal.getValue());
        return null;
      }
    }.scan(annotation, null);
    return found[0];
  }
}
