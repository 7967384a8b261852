package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;

/** Reports classes that cannot be layers, whatever is in them. */
final class LayerShape {

  private LayerShape() {}

  static void check(TypeElement type, TreePath path, Complaints complaints) {
    String name = type.getSimpleName().toString();
    ClassTree tree = (ClassTree) path.getLeaf();
    if (type.getKind() != ElementKind.CLASS && type.getKind() != ElementKind.RECORD) {
      String kind = type.getKind() == ElementKind.ENUM ? "an enum" : "an interface";
      complaints.unsupported(
          path, kind + " as a layer", name, "not yet understood", "write a class or a record");
    }
    if (!tree.getTypeParameters().isEmpty()) {
      complaints.unsupported(
          child(path, tree.getTypeParameters().getFirst()),
          "a type parameter",
          name,
          "not yet understood",
          "write a class for each type");
    }
    Tree parent = tree.getExtendsClause();
    if (parent != null && type.getKind() == ElementKind.CLASS) {
      complaints.unsupported(
          child(path, parent),
          "a superclass",
          name,
          "not yet understood",
          "hold '" + parent + "' as a field instead");
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
}
