package dev.mezzo.processor.read;

import dev.mezzo.annotations.Gradient;
import dev.mezzo.annotations.Op;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.util.ElementFilter;

/**
 * Finds the operations and gradients that are declared in this round, and what is wrong in them.
 */
final class SourceOperations {
  private final OperationReader operations;
  private final SourceTrees trees;
  private final List<Problem> problems = new ArrayList<>();
  private final Set<ExecutableElement> used = new HashSet<>();
  private final Set<Element> gradientClasses = new HashSet<>();

  private SourceOperations(OperationReader operations, SourceTrees trees) {
    this.operations = operations;
    this.trees = trees;
  }

  static List<Problem> check(
      RoundEnvironment round, OperationReader operations, SourceTrees trees) {
    SourceOperations check = new SourceOperations(operations, trees);
    ElementFilter.methodsIn(round.getElementsAnnotatedWith(Op.class)).forEach(check::operation);
    ElementFilter.methodsIn(round.getElementsAnnotatedWith(Gradient.class))
        .forEach(check::gradient);
    return check.problems;
  }

  private void operation(ExecutableElement method) {
    operations.report(method);
    OperationReading reading;
    try {
      reading = operations.read(method);
    } catch (UnresolvedException erroneous) {
      return; // javac reports the annotation
    }
    used.addAll(reading.gradients());
    gradientClasses.add(method.getEnclosingElement());
    AnnotationValues.find(method, Op.class)
        .flatMap(op -> op.type("gradients"))
        .ifPresent(type -> gradientClasses.add(type.asElement()));
    for (OperationReading.Flaw flaw : reading.flaws()) {
      boolean inSource = trees.trees().getPath(flaw.method()) != null;
      problems.add(
          flaw.entry()
              .at(
                  trees.at(inSource ? flaw.method() : method),
                  flaw.method().getSimpleName(),
                  flaw.found(),
                  flaw.expected()));
    }
  }

  /**
   * A gradient that no operation has looked at belongs to none, unless that is compiled elsewhere.
   */
  private void gradient(ExecutableElement method) {
    problems.addAll(GradientBodies.check(method, operations, trees));
    if (used.contains(method) || !gradientClasses.contains(method.getEnclosingElement())) {
      return;
    }
    String of = AnnotationValues.find(method, Gradient.class).orElseThrow().get("of", String.class);
    problems.add(
        Catalogue.MALFORMED_GRADIENT.at(
            trees.at(method),
            method.getSimpleName(),
            "is of '" + of + "', but there is no such operation, or none with these operands",
            "@Gradient(of = \"name of a method annotated with @Op\", wrt = \"its operand\")"));
  }
}
