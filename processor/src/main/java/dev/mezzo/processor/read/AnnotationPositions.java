package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.SourcePosition;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where the annotations of a class stand, and the values in them. */
final class AnnotationPositions {

  private AnnotationPositions() {}

  /** By simple name, as in {@code LossScaled}, and by member, as in {@code LossScaled.initial}. */
  static Map<String, SourcePosition> of(TreePath type, SourceTrees trees) {
    Map<String, SourcePosition> positions = new LinkedHashMap<>();
    ModifiersTree modifiers = ((ClassTree) type.getLeaf()).getModifiers();
    TreePath modifiersPath = child(type, modifiers);
    for (AnnotationTree annotation : modifiers.getAnnotations()) {
      TreePath path = child(modifiersPath, annotation);
      String written = annotation.getAnnotationType().toString();
      String name = written.substring(written.lastIndexOf('.') + 1);
      positions.put(name, trees.at(path));
      for (ExpressionTree argument : annotation.getArguments()) {
        if (argument instanceof AssignmentTree assignment) {
          TreePath value = child(child(path, assignment), assignment.getExpression());
          positions.put(name + "." + assignment.getVariable(), trees.at(value));
        }
      }
    }
    return positions;
  }
}
