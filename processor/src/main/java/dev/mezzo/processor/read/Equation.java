package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Op;
import dev.mezzo.processor.dims.EinsumEquation;
import dev.mezzo.processor.dims.ShapeRule;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.problem.Catalogue;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.util.ElementFilter;

/**
 * What the equation of an {@code einsum} says where it is a constant. An equation that is a product
 * of matrices is written as one: then nothing is parsed or copied when it runs, and the product is
 * saved and cast as any other.
 */
sealed interface Equation {

  /** There is none, it is no constant, or it is no product of matrices. */
  record None() implements Equation {}

  /** It is wrong, which was reported. */
  record Flawed() implements Equation {}

  /** It is a product. */
  record AsProduct(EinsumEquation.Product how, OperationModel matmul, OperationModel transpose)
      implements Equation {}

  /** Of a call of an operation. */
  static Equation read(
      LayerContext context,
      TreePath path,
      MethodInvocationTree call,
      ExecutableElement method,
      OperationModel operation) {
    Optional<String> operand = operation.rules().shape().flatMap(ShapeRule::equation);
    if (operand.isEmpty()) {
      return new None();
    }
    List<String> names = operation.operands().stream().map(OperationModel.Operand::name).toList();
    TreePath argument = child(path, call.getArguments().get(names.indexOf(operand.get())));
    Optional<String> text = constant(context, argument);
    if (text.isEmpty()) {
      return new None();
    }
    Optional<String> flaw = EinsumEquation.flaw(text.get());
    if (flaw.isPresent()) {
      context
          .complaints()
          .add(argument, Catalogue.MALFORMED_EQUATION, text.get(), operation.name(), flaw.get());
      return new Flawed();
    }
    Optional<OperationModel> matmul = beside(context, method, "matmul", 2);
    Optional<OperationModel> transpose = beside(context, method, "transpose", 1);
    Optional<EinsumEquation.Product> product = EinsumEquation.of(text.get()).product();
    return product.isPresent() && matmul.isPresent() && transpose.isPresent()
        ? new AsProduct(product.get(), matmul.get(), transpose.get())
        : new None();
  }

  private static Optional<String> constant(LayerContext context, TreePath argument) {
    Object value =
        argument.getLeaf() instanceof LiteralTree literal
            ? literal.getValue()
            : context.resolver().element(argument) instanceof VariableElement variable
                ? variable.getConstantValue()
                : null;
    return value instanceof String text ? Optional.of(text) : Optional.empty();
  }

  /** An operation on so many tensors in the same class. */
  private static Optional<OperationModel> beside(
      LayerContext context, ExecutableElement method, String name, int operands) {
    return ElementFilter.methodsIn(TypeText.owner(method).getEnclosedElements()).stream()
        .filter(other -> other.getSimpleName().contentEquals(name))
        .filter(other -> other.getParameters().size() == operands)
        .filter(other -> AnnotationValues.has(other, Op.class))
        .findFirst()
        .flatMap(other -> context.operations().read(other).model());
  }
}
