package dev.mezzo.processor.read;

import static java.util.Objects.requireNonNull;

import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.annotations.PrecisionClass;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.problem.Catalogue;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;

/** {@code @Half} and {@code @Full} on a method or a local variable. */
final class OwnPrecision {
  private final LayerContext context;
  private final String function;

  OwnPrecision(LayerContext context, String function) {
    this.context = context;
    this.function = function;
  }

  /** What the operations of a method compute in: as the method is annotated, else as its class. */
  static Precision of(TreePath path, LayerContext context) {
    Element method = requireNonNull(context.trees().declared(path));
    boolean half = AnnotationValues.has(method, Half.class);
    boolean full = AnnotationValues.has(method, Full.class);
    if (half && full) {
      context.complaints().add(path, Catalogue.HALF_AND_FULL, "method", method.getSimpleName());
    }
    TypeElement layer = context.layer().type();
    boolean low = half || (!full && AnnotationValues.has(layer, Half.class));
    return low ? Precision.HALF : Precision.FULL;
  }

  /** How a local variable is annotated, if it is. */
  Optional<Precision> of(VariableTree local, TreePath path) {
    Optional<TreePath> half = FieldReader.annotation(local.getModifiers(), path, Half.class);
    Optional<TreePath> full = FieldReader.annotation(local.getModifiers(), path, Full.class);
    if (half.isPresent() && full.isPresent()) {
      context
          .complaints()
          .add(full.get(), Catalogue.HALF_AND_FULL, "local variable", local.getName());
    }
    return half.isPresent() ? Optional.of(Precision.HALF) : full.map(_ -> Precision.FULL);
  }

  /** Reports calls in a local variable's initializer that go their own way. */
  void check(TreePath path, VariableTree local, Precision asked, List<Statement> made) {
    if (made.stream().noneMatch(Statement.Apply.class::isInstance)) {
      unsupported(path, local, asked, "of no operation", "annotate what computes the value");
    }
    for (Statement statement : made) {
      if (!(statement instanceof Statement.Apply apply)) {
        continue;
      }
      switch (apply.call()) {
        case Call.OfLayer(var layer, var _) ->
            unsupported(
                path,
                local,
                asked,
                "of the sub-layer '" + layer.name() + "'",
                "annotate the sub-layer's field or class");
        case Call.OfArray _, Call.OfElement _ ->
            unsupported(
                path,
                local,
                asked,
                "of an array, whose elements have one precision",
                "annotate what computes the elements");
        case Call.OfFunction(String name, var _) ->
            unsupported(path, local, asked, "of '" + name + "'", "annotate that method");
        case Call.OfOperation(var operation, var _) -> {
          if (asked == Precision.HALF && operation.precision() == PrecisionClass.DENY) {
            unsupported(
                path,
                local,
                asked,
                "of '" + operation.name() + "', which needs FP32's range",
                "remove it: who reads the value in half gets it in half");
          }
        }
      }
    }
  }

  private void unsupported(
      TreePath path, VariableTree local, Precision asked, String what, String cure) {
    context
        .complaints()
        .unsupported(
            path,
            "@%s on local variable '%s'"
                .formatted(asked == Precision.HALF ? "Half" : "Full", local.getName()),
            function,
            "not a matter " + what,
            cure);
  }
}
