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
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
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
        .filter(forward -> AnnotationValues.has(forward, Dims.class))
        .filter(
            forward ->
                forward.getParameters().stream()
                    .noneMatch(each -> RuntimeTypes.holdsOnlyTensors(each.asType())))
        .flatMap(forward -> read(forward, own(layer)));
  }

  private static Optional<ShapeRule> read(ExecutableElement forward, Set<String> own) {
    List<String> operands = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (VariableElement parameter : forward.getParameters()) {
      if (RuntimeTypes.isTensor(parameter.asType())) {
        String name = parameter.getSimpleName().toString();
        names.add(name);
        operands.add(name + text(parameter, own).orElse("(unknown" + names.size() + "...)"));
      }
    }
    try {
      String result = text(forward, own).orElse("(unknown...)");
      return Optional.of(ShapeRule.parse(String.join(", ", operands) + " -> " + result, names));
    } catch (SyntaxException malformed) {
      return Optional.empty(); // reported where it was compiled
    }
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
