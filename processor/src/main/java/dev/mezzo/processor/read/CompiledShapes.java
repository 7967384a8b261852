package dev.mezzo.processor.read;

import dev.mezzo.annotations.Dims;
import dev.mezzo.processor.dims.Atom;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.DimParser;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.RecordComponentElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;

/** Reads the shapes of a layer in a class file: what its annotations say. */
final class CompiledShapes {
  private static final String OWN = "this.";

  private CompiledShapes() {}

  /** The rule of its forward method; empty where it says nothing. */
  static Optional<ShapeRule> read(TypeElement layer) {
    return ElementFilter.methodsIn(layer.getEnclosedElements()).stream()
        .filter(RuntimeTypes::isForward)
        .findFirst()
        .filter(CompiledShapes::saysItsResult)
        .flatMap(forward -> read(forward, own(layer)));
  }

  private static boolean saysItsResult(ExecutableElement forward) {
    return AnnotationValues.has(forward, Dims.class)
        || components(forward.getReturnType()).stream()
            .anyMatch(component -> AnnotationValues.has(component, Dims.class));
  }

  /** The components of a record of tensors; none of any other type. */
  private static List<? extends RecordComponentElement> components(TypeMirror type) {
    return RuntimeTypes.holdsOnlyTensors(type)
        ? ((TypeElement) ((DeclaredType) type).asElement()).getRecordComponents()
        : List.of();
  }

  private static Optional<ShapeRule> read(ExecutableElement forward, Set<String> own) {
    List<String> operands = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (VariableElement parameter : forward.getParameters()) {
      String name = parameter.getSimpleName().toString();
      for (RecordComponentElement component : components(parameter.asType())) {
        String part = RecordReader.name(name, component.getSimpleName().toString());
        names.add(part);
        operands.add(part + text(component, own, names));
      }
      if (RuntimeTypes.isTensor(parameter.asType())) {
        names.add(name);
        operands.add(name + text(parameter, own, names));
      }
    }
    List<Element> results = new ArrayList<>(components(forward.getReturnType()));
    if (results.isEmpty()) {
      results.add(forward);
    }
    try {
      String result =
          results.stream()
              .map(each -> text(each, own).orElse("(unknown...)"))
              .collect(Collectors.joining(", "));
      return Optional.of(ShapeRule.parse(String.join(", ", operands) + " -> " + result, names));
    } catch (SyntaxException malformed) {
      return Optional.empty(); // reported where it was compiled
    }
  }

  private static String text(Element element, Set<String> own, Set<String> names) {
    return text(element, own).orElse("(unknown" + names.size() + "...)");
  }

  /** As in a rule, with {@code this.} before the layer's own numbers. */
  private static Optional<String> text(Element element, Set<String> own) {
    return AnnotationValues.find(element, Dims.class)
        .map(values -> DimParser.shape(values.list("value", String.class)))
        .map(
            shape -> {
              List<String> parts = new ArrayList<>();
              shape
                  .row()
                  .ifPresent(
                      row -> parts.add((row.name().equals("...") ? "rest" : row.name()) + "..."));
              shape.dims().forEach(dim -> parts.add(dim.map(atom -> named(atom, own)).toString()));
              return "(" + String.join(", ", parts) + ")";
            });
  }

  private static Dim named(Atom atom, Set<String> own) {
    return atom instanceof Atom.Symbol(String name, boolean _) && own.contains(name)
        ? Dim.symbol(OWN + name)
        : Dim.of(atom);
  }

  private static Set<String> own(TypeElement layer) {
    Set<String> own = new HashSet<>();
    for (VariableElement field : ElementFilter.fieldsIn(layer.getEnclosedElements())) {
      own.add(field.getSimpleName().toString());
    }
    for (ExecutableElement constructor :
        ElementFilter.constructorsIn(layer.getEnclosedElements())) {
      constructor.getParameters().stream()
          .filter(parameter -> parameter.asType().getKind() == TypeKind.INT)
          .forEach(parameter -> own.add(parameter.getSimpleName().toString()));
    }
    return own;
  }
}
