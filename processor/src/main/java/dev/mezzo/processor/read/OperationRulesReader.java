package dev.mezzo.processor.read;

import dev.mezzo.annotations.Op;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.fuse.Element;
import dev.mezzo.processor.model.OperationRules;
import dev.mezzo.processor.model.Replacement;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.range.CallPattern;
import dev.mezzo.processor.range.Formula;
import dev.mezzo.processor.read.OperationReading.Flaw;
import dev.mezzo.processor.syntax.SyntaxException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.ElementFilter;

/** Reads what operations say of their results: texts in {@code @Op}. */
final class OperationRulesReader {
  private static final String ARROW = "->";

  private final Map<TypeElement, List<Replacement>> replacements = new HashMap<>();

  /** The rules of one operation; what is not understood is added to the flaws. */
  OperationRules read(ExecutableElement method, List<String> names, List<Flaw> flaws) {
    AnnotationValues op = AnnotationValues.find(method, Op.class).orElseThrow();
    Set<String> operands = Set.copyOf(names);
    String name = method.getSimpleName().toString();
    Optional<ShapeRule> shape =
        parsed(
            op.get("shape", String.class),
            text -> ShapeRule.parse(text, operands),
            flaw ->
                flaws.add(
                    flaw(
                        method, "shape rule", flaw, "shape = \"x(..., k), w(n, k) -> (..., n)\"")));
    Optional<Formula> range =
        parsed(
            op.get("range", String.class),
            text -> Formula.parse(text, operands),
            flaw -> flaws.add(flaw(method, "range", flaw, "range = \"max(x, 0)\"")));
    Optional<Element> element =
        parsed(
            op.get("fuse", String.class),
            text -> Element.parse(text, operands),
            flaw -> flaws.add(flaw(method, "formula", flaw, "fuse = \"maximum(x, 0)\"")));
    for (String form : op.list("replaces", String.class)) {
      parsed(
          form,
          OperationRulesReader::form,
          flaw ->
              flaws.add(
                  flaw(method, "form that it replaces", flaw, "replaces = \"log(softmax(x))\"")));
    }
    return new OperationRules(
        shape,
        range,
        element,
        replacements
            .computeIfAbsent(TypeText.owner(method), OperationRulesReader::replacements)
            .stream()
            .filter(replacement -> replacement.form().operation().equals(name))
            .toList());
  }

  /** All that the operations of a class replace; what is malformed is reported where it stands. */
  private static List<Replacement> replacements(TypeElement owner) {
    List<Replacement> found = new ArrayList<>();
    for (ExecutableElement method : ElementFilter.methodsIn(owner.getEnclosedElements())) {
      AnnotationValues.find(method, Op.class)
          .ifPresent(
              op -> {
                String better =
                    method.getSimpleName()
                        + "("
                        + String.join(
                            ", ",
                            OperationReader.names(method, op.list("parameters", String.class)))
                        + ")";
                for (String form : op.list("replaces", String.class)) {
                  parsed(form, OperationRulesReader::form, _ -> {})
                      .ifPresent(
                          pattern -> found.add(new Replacement(pattern, better(form, better))));
                }
              });
    }
    return found;
  }

  private static CallPattern.Of form(String text) {
    int arrow = text.indexOf(ARROW);
    return CallPattern.parse(arrow < 0 ? text : text.substring(0, arrow));
  }

  private static String better(String text, String call) {
    int arrow = text.indexOf(ARROW);
    return arrow < 0 ? call : text.substring(arrow + ARROW.length()).strip();
  }

  private static <T> Optional<T> parsed(
      String text, Function<String, T> parser, Consumer<String> flawed) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parser.apply(text));
    } catch (SyntaxException flaw) {
      flawed.accept(flaw.flaw());
      return Optional.empty();
    }
  }

  private static Flaw flaw(ExecutableElement method, String what, String found, String expected) {
    return new Flaw(
        method,
        Catalogue.MALFORMED_OPERATION,
        "has a " + what + " that is not understood: " + found,
        "@Op(" + expected + ")");
  }
}
