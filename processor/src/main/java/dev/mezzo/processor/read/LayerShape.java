package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.Optional;
import java.util.stream.Stream;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/** Reports classes that cannot be layers, whatever is in them. */
final class LayerShape {

  private LayerShape() {}

  /**
   * Reports what is wrong with the class itself.
   *
   * @throws UnresolvedException if a supertype does not exist, or not yet
   */
  static void check(TypeElement type, TreePath path, Elements elements, Complaints complaints) {
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
    if (parent != null && type.getKind() == ElementKind.CLASS) {
      part(type, elements)
          .ifPresent(
              field ->
                  complaints.unsupported(
                      child(path, parent),
                      "a superclass with field '" + field.getSimpleName() + "'",
                      name,
                      "not understood: weights, states and layers belong to the class that reads"
                          + " them",
                      "move it to '" + name + "', or hold '" + parent + "' in a field"));
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

  /** A field of a superclass that holds a part of the model. */
  private static Optional<VariableElement> part(TypeElement type, Elements elements) {
    if (!(type.getSuperclass() instanceof DeclaredType declared)
        || !(declared.asElement() instanceof TypeElement parent)) {
      return Optional.empty();
    }
    return ElementFilter.fieldsIn(parent.getEnclosedElements()).stream()
        .filter(field -> !field.getModifiers().contains(Modifier.STATIC))
        .filter(field -> isPart(HeldType.of(field.asType()).type(), elements))
        .findFirst()
        .or(() -> part(parent, elements));
  }

  private static boolean isPart(TypeMirror type, Elements elements) {
    return RuntimeTypes.isTensor(type)
        || RuntimeTypes.isState(type)
        || (type instanceof DeclaredType declared
            && declared.asElement() instanceof TypeElement element
            && RuntimeTypes.hasForward(element, elements));
  }
}
