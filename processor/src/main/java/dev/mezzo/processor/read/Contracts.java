package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ClassTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.ClassName;
import dev.mezzo.processor.model.FieldDeclaration.Kind;
import dev.mezzo.processor.model.Formal;
import dev.mezzo.processor.model.LayerContract;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;

/** Reads annotated interfaces and abstract classes, and finds those that a layer implements. */
final class Contracts {

  private Contracts() {}

  /** Whether a layer of this type may be of any class that implements it. */
  static boolean isOpen(TypeElement type) {
    return type.getKind() == ElementKind.INTERFACE
        || (type.getKind() == ElementKind.CLASS && type.getModifiers().contains(Modifier.ABSTRACT));
  }

  /** The annotated interfaces and abstract classes that a type implements, nearest only. */
  static List<ClassName> of(TypeElement type, Elements elements) {
    Set<ClassName> found = new LinkedHashSet<>();
    Stream.concat(Stream.of(type.getSuperclass()), type.getInterfaces().stream())
        .forEach(parent -> add(parent, elements, found));
    return List.copyOf(found);
  }

  private static void add(TypeMirror parent, Elements elements, Set<ClassName> found) {
    if (!(parent instanceof DeclaredType declared)
        || !(declared.asElement() instanceof TypeElement type)) {
      return;
    }
    if (isOpen(type) && isAnnotated(type) && RuntimeTypes.hasForward(type, elements)) {
      found.add(TypeText.className(type));
    } else {
      found.addAll(of(type, elements));
    }
  }

  static boolean isAnnotated(TypeElement type) {
    return AnnotationValues.has(type, Half.class) || AnnotationValues.has(type, Full.class);
  }

  /** Reads a contract in source; empty where it has no forward method. */
  static Optional<LayerContract> read(
      LayerSource layer,
      boolean isPublic,
      SourceTrees trees,
      Elements elements,
      Complaints complaints) {
    TypeElement type = layer.type();
    checkState(layer, trees, complaints);
    List<ClassName> parents = of(type, elements);
    return forward(type, elements)
        .map(
            forward ->
                new LayerContract(
                    TypeText.className(type),
                    isPublic,
                    AnnotationValues.has(type, Half.class) ? Precision.HALF : Precision.FULL,
                    formals(forward, layer, elements, complaints),
                    parents,
                    !parents.isEmpty() && !type.equals(forward.getEnclosingElement()),
                    RuntimeTypes.isTensorRecord(forward.getReturnType(), elements),
                    trees.at(layer.path())));
  }

  /** The type's own forward method, or one that it inherits. */
  static Optional<ExecutableElement> forward(TypeElement type, Elements elements) {
    List<ExecutableElement> all =
        ElementFilter.methodsIn(elements.getAllMembers(type)).stream()
            .filter(RuntimeTypes::isForward)
            .toList();
    return all.stream()
        .filter(method -> type.equals(method.getEnclosingElement()))
        .findFirst()
        .or(() -> all.stream().findFirst());
  }

  /** A record is given as its components, as in the classes that implement it. */
  private static List<Formal> formals(
      ExecutableElement forward, LayerSource layer, Elements elements, Complaints complaints) {
    List<Formal> formals = new ArrayList<>();
    for (VariableElement parameter : forward.getParameters()) {
      String name = parameter.getSimpleName().toString();
      TypeMirror type = parameter.asType();
      if (RuntimeTypes.isTensor(type)) {
        formals.add(new Formal.OfTensor(new Value(formals.size(), name)));
      } else if (RuntimeTypes.isTensorRecord(type, elements)) {
        for (String component : RecordReader.components(type)) {
          String own = RecordReader.name(name, component);
          formals.add(new Formal.OfTensor(new Value(formals.size(), own)));
        }
      } else if (RuntimeTypes.holdsTensors(type)) {
        complaints.unsupported(layer.path(), Constructs.TENSORS, "forward");
      } else {
        formals.add(new Formal.OfPlain(TypeText.of(type), name));
      }
    }
    return formals;
  }

  /** What forward reads belongs to the classes that write it. */
  private static void checkState(LayerSource layer, SourceTrees trees, Complaints complaints) {
    for (LayerField field : layer.fields().values()) {
      if (field.kind() != Kind.PLAIN) {
        complaints.unsupported(
            trees.trees().getPath(field.element()),
            "field '" + field.name() + "'",
            layer.type().getSimpleName().toString(),
            "part of an abstract class, not understood",
            "move it to the classes that extend '" + layer.type().getSimpleName() + "'");
      }
    }
    ClassTree tree = (ClassTree) layer.path().getLeaf();
    if (!tree.getTypeParameters().isEmpty()) {
      TreePath parameter = child(layer.path(), tree.getTypeParameters().getFirst());
      complaints.unsupported(
          parameter,
          "a type parameter",
          layer.type().getSimpleName().toString(),
          "not understood where the class is not known",
          "write an interface for each type");
    }
  }
}
