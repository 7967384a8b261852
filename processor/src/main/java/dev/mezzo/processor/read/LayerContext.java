package dev.mezzo.processor.read;

import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.read.resolve.Resolver;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.util.Elements;
import org.jspecify.annotations.Nullable;

/** What all readers of one layer's methods share. */
record LayerContext(
    SourceTrees trees,
    Elements elements,
    LayerSource layer,
    OperationReader operations,
    Complaints complaints,
    DeclaredShapesReader shapes,
    Steadiness steadiness,
    HelperMethods helpers) {

  Resolver resolver() {
    return trees.resolver();
  }

  SourcePosition at(TreePath path) {
    return trees.at(path);
  }

  /** The path of a tree's child. */
  static TreePath child(TreePath parent, Tree child) {
    return new TreePath(parent, child);
  }

  /** The methods of the layer that forward calls. */
  @FunctionalInterface
  interface HelperMethods {

    /** The function's name in the model; null where it cannot be read, which is reported. */
    @Nullable String function(ExecutableElement method, TreePath call, String caller);
  }
}
