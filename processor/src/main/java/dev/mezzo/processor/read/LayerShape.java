package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;

/** Reports classes that cannot be layers, whatever is in them. */
final class LayerShape {

  private LayerShape() {}

  static void check(TypeElement type, TreePath path, Complaints complaints) {
    String name = type.getSimpleName().toString();
    ClassTree tree = (ClassTree) path.getLeaf();
    if (type.getKind() == ElementKind.ENUM || type.getKind() == ElementKind.ANNOTATION_TYPE) {
      complaints.unsupported(
          path, "an enum as a layer", name, "not understood", "write a class or a record");
    }
    Tree parent = tree.getExtendsClause();
    if (parent != null && type.getKind() == ElementKind.CLASS && !isContract(type)) {
      complaints.unsupported(
          child(path, parent),
          "a superclass",
          name,
          "not yet understood",
          "hold '" + parent + "' as a field instead, or make it abstract and annotate it");
    }
    if (type.getModifiers().contains(Modifier.PRIVATE)) {
      complaints.add(
          path,
          Catalogue.INACCESSIBLE_FIELD,
          "class",
          name,
          TypeText.className(type).mixed().name());
    }
  }

  /** Whether the superclass says what the layer looks like, and no more. */
  private static boolean isContract(TypeElement type) {
    return type.getSuperclass() instanceof DeclaredType declared
        && declared.asElement() instanceof TypeElement parent
        && Contracts.isOpen(parent)
        && Contracts.isAnnotated(parent);
  }
}
