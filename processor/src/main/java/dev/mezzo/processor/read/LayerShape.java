package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.stream.Stream;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;

/** Reports classes that cannot be layers, whatever is in them. */
final class LayerShape {

  private LayerShape() {}

  /**
   * Reports what is wrong with the class itself.
   *
   * @throws UnresolvedException if a supertype does not exist, or not yet
   */
  static void check(TypeElement type, TreePath path, Complaints complaints) {
    String name = type.getSimpleName().toString();
    ClassTree tree = (ClassTree) path.getLeaf();
    boolean waits =
        Stream.concat(Stream.of(type.getSuperclass()), type.getInterfaces().stream())
            .anyMatch(supertype -> supertype.getKind() == TypeKind.ERROR);
    if (waits) {
      throw new UnresolvedException(path);
    }
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
