package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Op;
import dev.mezzo.processor.dims.EinsumEquation;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Argument.OfTensor;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.Holder;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.TensorReader.Naming;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * Reads calls that return tensors: of operations, of methods of the class, of sub-layers. Null
 * stands for what could not be read and has been reported.
 */
final class CallReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final ArgumentReader arguments;

  CallReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.arguments = new ArgumentReader(context, scope, tensors);
  }

  /** Reads a call whose value gets the given name. */
  @Nullable OfTensor read(TreePath path, MethodInvocationTree call, @Nullable Naming naming) {
    if (!(context.resolver().element(path) instanceof ExecutableElement method)) {
      throw new UnresolvedException(path);
    }
    if (AnnotationValues.has(method, Op.class)) {
      return operation(path, call, method, naming);
    }
    if (RuntimeTypes.isOfState(method)) {
      StateUses.TENSOR.report(context, path, call);
      return null;
    }
    boolean isStatic = method.getModifiers().contains(Modifier.STATIC);
    Optional<ExecutableElement> helper = helper(call, method);
    if (helper.isPresent()) {
      return helper(path, call, helper.get(), naming);
    }
    if (RuntimeTypes.isForward(method)
        && !isStatic
        && call.getMethodSelect() instanceof MemberSelectTree select) {
      return subLayer(path, call, select, method, naming);
    }
    Optional<OfTensor> parameter = parameter(path, call, method);
    if (parameter.isPresent()) {
      return parameter.get();
    }
    noOperation(path, call, method);
    return null;
  }

  /** {@code embedding.weight()}: of a sub-layer that a field holds. */
  private Optional<OfTensor> parameter(
      TreePath path, MethodInvocationTree call, ExecutableElement method) {
    if (!RuntimeTypes.isParameter(method.getReturnType())
        || !method.getParameters().isEmpty()
        || !(call.getMethodSelect() instanceof MemberSelectTree select)) {
      return Optional.empty();
    }
    return tensors
        .plain()
        .layer(child(child(path, select), select.getExpression()))
        .filter(layer -> layer.field().kind() == FieldDeclaration.Kind.SUB_LAYER)
        .filter(layer -> layer.field().held().holder() == Holder.FIELD)
        .map(
            layer ->
                new Argument.OfParameter(
                    context.layer().parameter(layer.field(), method, context.at(path)),
                    context.at(path)));
  }

  private @Nullable OfTensor operation(
      TreePath path, MethodInvocationTree call, ExecutableElement method, @Nullable Naming naming) {
    OperationReading reading = context.operations().read(method);
    List<Argument> given = arguments.read(path, call, method);
    if (reading.model().isEmpty()) {
      if (!context.operations().isReported(method)) {
        for (OperationReading.Flaw flaw : reading.flaws()) {
          context
              .complaints()
              .add(
                  child(path, call.getMethodSelect()),
                  flaw.entry(),
                  flaw.method().getSimpleName(),
                  flaw.found(),
                  flaw.expected());
        }
      }
      return null;
    }
    OperationModel operation = reading.model().get();
    Equation equation = Equation.read(context, path, call, method, operation);
    if (given == null) {
      return null;
    }
    return switch (equation) {
      case Equation.Flawed _ -> null;
      case Equation.AsProduct product -> product(path, product, operation, given, naming);
      case Equation.None _ ->
          apply(path, new Call.OfOperation(operation, given), operation.name(), naming);
    };
  }

  /** The product that an equation says, written out. */
  private OfTensor product(
      TreePath path,
      Equation.AsProduct product,
      OperationModel operation,
      List<Argument> given,
      @Nullable Naming naming) {
    List<Argument> operands =
        IntStream.range(0, given.size())
            .filter(i -> operation.operands().get(i).tensor())
            .mapToObj(given::get)
            .toList();
    EinsumEquation.Product how = product.how();
    List<Argument> ordered = how.exchanged() ? operands.reversed() : operands;
    List<Argument> sides =
        List.of(
            turned(path, how.transposedLeft(), product, ordered.getFirst()),
            turned(path, how.transposedRight(), product, ordered.getLast()));
    OperationModel matmul = product.matmul();
    return apply(path, new Call.OfOperation(matmul, sides), matmul.name(), naming);
  }

  private Argument turned(
      TreePath path, boolean turned, Equation.AsProduct product, Argument tensor) {
    OperationModel transpose = product.transpose();
    return turned
        ? apply(path, new Call.OfOperation(transpose, List.of(tensor)), transpose.name(), null)
        : tensor;
  }

  /** The method of the layer, of a class around or above it, or a static one, in the same file. */
  private Optional<ExecutableElement> helper(MethodInvocationTree call, ExecutableElement method) {
    boolean isStatic = method.getModifiers().contains(Modifier.STATIC);
    ExecutableElement runs =
        isStatic ? method : context.layer().overriding(method, context.elements());
    boolean inherited =
        LayerSource.isOnThis(call)
            && context.elements().getAllMembers(context.layer().type()).contains(runs);
    boolean own = context.layer().methods().containsKey(runs);
    return (isStatic || inherited)
            && context.layer().method(runs).isPresent()
            && (own || CallChain.of(runs, context.trees()).isEmpty())
        ? Optional.of(runs)
        : Optional.empty();
  }

  private @Nullable OfTensor helper(
      TreePath path, MethodInvocationTree call, ExecutableElement method, @Nullable Naming naming) {
    List<Argument> given = arguments.read(path, call, method);
    TreePath select = child(path, call.getMethodSelect());
    String function = context.helpers().function(method, select, scope.function());
    return given == null || function == null
        ? null
        : apply(path, new Call.OfFunction(function, given), isRecord(method), function, naming);
  }

  private @Nullable OfTensor subLayer(
      TreePath path,
      MethodInvocationTree call,
      MemberSelectTree select,
      ExecutableElement method,
      @Nullable Naming naming) {
    TreePath selectPath = child(path, select);
    Optional<FunctionScope.OfLayer> layer =
        tensors.plain().layer(child(selectPath, select.getExpression()));
    List<Argument> given = arguments.read(path, call, method);
    if (layer.isEmpty()) {
      if (isBroken(child(selectPath, select.getExpression()))) {
        return null;
      }
      context
          .complaints()
          .unsupported(
              selectPath,
              "forward of '" + select.getExpression() + "'",
              scope.function(),
              "a call of a layer that no field of this class holds",
              "call it by its field, or hold it in one, alone or in an array, a list or a map");
      return null;
    }
    LayerField field = layer.get().field();
    if (field.kind() != FieldDeclaration.Kind.SUB_LAYER || given == null) {
      return null;
    }
    LayerReference reference = new LayerReference(field.subLayer(), layer.get().element());
    return apply(
        path, new Call.OfLayer(reference, given), isRecord(method), field.name() + "Y", naming);
  }

  /** Whether it is a local variable whose declaration is reported. */
  boolean isBroken(TreePath path) {
    return path.getLeaf() instanceof IdentifierTree
        && context.resolver().elementIfAny(path).map(scope::binding).orElse(null)
            instanceof FunctionScope.Broken;
  }

  private boolean isRecord(ExecutableElement method) {
    return RuntimeTypes.isTensorRecord(method.getReturnType(), context.elements());
  }

  private OfTensor apply(TreePath path, Call call, String base, @Nullable Naming naming) {
    boolean several =
        call instanceof Call.OfOperation(OperationModel operation, var _) && operation.several();
    return apply(path, call, several, base, naming);
  }

  private OfTensor apply(
      TreePath path, Call call, boolean several, String base, @Nullable Naming naming) {
    String name = tensors.name(base, naming);
    Value result = several ? scope.newArray(name) : scope.newValue(name);
    scope.add(new Statement.Apply(result, call, context.at(path)));
    return new Argument.OfValue(result, context.at(path));
  }

  /** Reports a call on tensors that the language does not have. */
  void noOperation(TreePath path, MethodInvocationTree call, ExecutableElement method) {
    if (call.getMethodSelect() instanceof MemberSelectTree select
        && isBroken(child(child(path, select), select.getExpression()))) {
      return;
    }
    new StrangeCalls(context, scope).report(path, call, method);
  }
}
