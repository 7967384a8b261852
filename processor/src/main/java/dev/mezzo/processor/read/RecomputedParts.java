package dev.mezzo.processor.read;

import static java.util.Objects.requireNonNull;

import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.annotations.Recompute;
import javax.lang.model.element.ExecutableElement;

/** Refuses {@code @Recompute} where nothing would run again. */
final class RecomputedParts {
  private final LayerSource layer;
  private final SourceTrees trees;
  private final Complaints complaints;

  private RecomputedParts(LayerSource layer, SourceTrees trees, Complaints complaints) {
    this.layer = layer;
    this.trees = trees;
    this.complaints = complaints;
  }

  static void check(
      ExecutableElement entry, LayerSource layer, SourceTrees trees, Complaints complaints) {
    new RecomputedParts(layer, trees, complaints).check(entry);
  }

  private void check(ExecutableElement entry) {
    String name = entry.getSimpleName().toString();
    if (AnnotationValues.has(entry, Recompute.class)) {
      TreePath path = requireNonNull(layer.methods().get(entry));
      refuse(
          path,
          ((MethodTree) path.getLeaf()).getModifiers(),
          "'" + name + "'",
          "a matter of who calls it",
          "annotate the class, or the field that holds the layer");
    }
    if (AnnotationValues.has(layer.type(), Recompute.class)
        && AnnotationValues.has(layer.type(), LossScaled.class)) {
      complaints.unsupported(
          layer.path(),
          "@Recompute on a class with a loss",
          name,
          "not understood: no layer calls it",
          "annotate the layers in it");
    }
    for (LayerField field : layer.fields().values()) {
      if (!field.isLayer() && AnnotationValues.has(field.element(), Recompute.class)) {
        TreePath path = trees.trees().getPath(field.element());
        refuse(
            path,
            ((VariableTree) path.getLeaf()).getModifiers(),
            "field '" + field.name() + "'",
            "not understood: it holds no layer",
            "remove it");
      }
    }
  }

  private void refuse(
      TreePath path, ModifiersTree modifiers, String what, String found, String cure) {
    TreePath at = FieldReader.annotation(modifiers, path, Recompute.class).orElse(path);
    String where = layer.type().getSimpleName().toString();
    complaints.unsupported(at, "@Recompute on " + what, where, found, cure);
  }
}
