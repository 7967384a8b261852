package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/** Reads the arguments of calls: tensors, records and arrays of them, plain values. */
final class ArgumentReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;

  ArgumentReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
  }

  /** The arguments in the order of the method's parameters; null if one could not be read. */
  @Nullable List<Argument> read(
      TreePath path, MethodInvocationTree call, ExecutableElement method) {
    List<TypeMirror> formals =
        method.getParameters().stream().<TypeMirror>map(Element::asType).toList();
    List<? extends ExpressionTree> actuals = call.getArguments();
    boolean spread = method.isVarArgs() && isSpread(path, actuals, formals.size());
    int single = spread ? formals.size() - 1 : formals.size();
    List<Argument> arguments = new ArrayList<>();
    boolean complete = true;
    for (int i = 0; i < single; i++) {
      if (RuntimeTypes.isTensorRecord(formals.get(i), context.elements())) {
        FunctionScope.@Nullable OfRecord record =
            tensors.records().read(child(path, actuals.get(i)), "given");
        complete &= record != null;
        if (record != null) {
          arguments.addAll(record.parts());
        }
        continue;
      }
      Argument argument = argument(child(path, actuals.get(i)), formals.get(i));
      complete &= argument != null;
      if (argument != null) {
        arguments.add(argument);
      }
    }
    if (spread) {
      List<? extends ExpressionTree> last = actuals.subList(single, actuals.size());
      Argument rest =
          RuntimeTypes.isTensorArray(formals.getLast())
              ? tensors.arrays().spread(path, last)
              : tensors.plain().array(path, last, (ArrayType) formals.getLast());
      complete &= rest != null;
      if (rest != null) {
        arguments.add(rest);
      }
    }
    return complete ? arguments : null;
  }

  private boolean isSpread(TreePath path, List<? extends ExpressionTree> actuals, int formals) {
    return actuals.size() != formals
        || !(context.resolver().type(child(path, actuals.getLast())) instanceof ArrayType);
  }

  private @Nullable Argument argument(TreePath path, TypeMirror formal) {
    if (RuntimeTypes.isTensor(formal)) {
      return tensors.read(path);
    }
    if (RuntimeTypes.isTensorArray(formal)) {
      return tensors.arrays().argument(path);
    }
    if (RuntimeTypes.holdsTensors(formal)) {
      context.complaints().unsupported(path, Constructs.TENSORS, scope.function());
      return null;
    }
    return tensors.plain().read(path);
  }
}
