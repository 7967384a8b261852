package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Op;
import dev.mezzo.processor.dims.EinsumEquation;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Argument.OfTensor;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FieldDeclaration;
import dev.mezzo.processor.model.LayerReference;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.Binding;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * Reads expressions of tensors: adds a statement for each call in them, in evaluation order. Null
 * stands for what could not be read and has been reported.
 */
final class TensorReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final PlainReader plain;
  private final SwitchReader switches;
  private final ChoiceReader choices;
  private final ArrayReader arrays;
  private final RecordReader records;

  TensorReader(LayerContext context, FunctionScope scope) {
    this.context = context;
    this.scope = scope;
    this.plain = new PlainReader(context, scope, this);
    this.switches = new SwitchReader(context, scope, this);
    this.choices = new ChoiceReader(context, scope, this);
    this.arrays = new ArrayReader(context, scope, this);
    this.records = new RecordReader(context, scope, this);
  }

  PlainReader plain() {
    return plain;
  }

  RecordReader records() {
    return records;
  }

  ArrayReader arrays() {
    return arrays;
  }

  SwitchReader switches() {
    return switches;
  }

  ChoiceReader choices() {
    return choices;
  }

  /**
   * How the result of a call is named.
   *
   * @param own whether by the user
   */
  record Naming(String name, boolean own) {}

  @Nullable OfTensor read(TreePath path) {
    return read(path, null);
  }

  /** Reads an expression whose value, where it is a new one, gets the given name. */
  @Nullable OfTensor read(TreePath path, @Nullable Naming naming) {
    Optional<FunctionScope.OfLayer> parameters = plain.parameters(path);
    if (parameters.flatMap(FunctionScope.OfLayer::element).isPresent()) {
      return arrays.element(path, parameters.get(), naming);
    }
    if (arrays.isOfParameters(path)) {
      unsupported(path, Constructs.PARAMETERS);
      return null;
    }
    return switch (path.getLeaf()) {
      case ParenthesizedTree inner -> read(child(path, inner.getExpression()), naming);
      case IdentifierTree _ -> named(path);
      case MemberSelectTree _ -> named(path);
      case ArrayAccessTree _ when isOfArray(path) -> arrays.element(path, naming).orElse(null);
      case MethodInvocationTree _ when isOfArray(path) -> arrays.element(path, naming).orElse(null);
      case MethodInvocationTree _ when records.isComponent(path) ->
          records.component(path).orElse(null);
      case MethodInvocationTree call -> {
        Optional<LayerField> field = context.layer().field(path);
        yield field.isPresent() ? field(path, field.get()) : call(path, call, naming);
      }
      case Tree _ when ChoiceReader.isChoice(path) -> choices.tensor(path, naming);
      default -> {
        unsupported(path, Constructs.ofExpression(path.getLeaf(), true));
        yield null;
      }
    };
  }

  /** {@code steps[i]}, {@code steps.get(i)}. */
  private boolean isOfArray(TreePath path) {
    return switch (path.getLeaf()) {
      case ArrayAccessTree access -> arrays.named(child(path, access.getExpression())).isPresent();
      case MethodInvocationTree call
          when call.getMethodSelect() instanceof MemberSelectTree select ->
          arrays.named(child(child(path, select), select.getExpression())).isPresent();
      default -> false;
    };
  }

  private @Nullable OfTensor named(TreePath path) {
    Element element = context.resolver().element(path);
    Binding binding = scope.binding(element);
    if (binding != null) {
      return switch (binding) {
        case FunctionScope.OfValue value -> value.at(context.at(path));
        case FunctionScope.OfParameter parameter -> parameter.at(context.at(path));
        case FunctionScope.OfPlain _,
            FunctionScope.OfLayer _,
            FunctionScope.OfEntry _,
            FunctionScope.OfArray _,
            FunctionScope.OfRecord _,
            FunctionScope.Broken _ ->
            null;
        case FunctionScope.Unassigned _ -> {
          unsupported(path, Constructs.UNASSIGNED);
          yield null;
        }
      };
    }
    Optional<LayerField> field = context.layer().field(path);
    if (field.isPresent()) {
      return field(path, field.get());
    }
    context
        .complaints()
        .unsupported(
            path,
            "'" + path.getLeaf() + "'",
            scope.function(),
            "a tensor from elsewhere",
            "make it a field of type Parameter of this class, or pass it to '"
                + scope.function()
                + "'");
    return null;
  }

  private @Nullable OfTensor field(TreePath path, LayerField field) {
    return switch (field.kind()) {
      case PARAMETER -> new Argument.OfParameter(field.parameter(), context.at(path));
      case TENSOR -> {
        context
            .complaints()
            .unsupported(
                path,
                "field '" + field.name() + "' of type Tensor",
                scope.function(),
                "not understood: it is neither trained nor part of what is saved",
                "make it a Parameter or a State, or pass it to '" + scope.function() + "'");
        yield null;
      }
      case SUB_LAYER, UNANNOTATED_LAYER, STATE, PLAIN -> null;
    };
  }

  private @Nullable OfTensor call(
      TreePath path, MethodInvocationTree call, @Nullable Naming naming) {
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
    if (context.layer().methods().containsKey(method) && (isStatic || LayerSource.isOnThis(call))) {
      return helper(path, call, method, naming);
    }
    if (RuntimeTypes.isForward(method)
        && !isStatic
        && call.getMethodSelect() instanceof MemberSelectTree select) {
      return subLayer(path, call, select, method, naming);
    }
    noOperation(path, call, method);
    return null;
  }

  private @Nullable OfTensor operation(
      TreePath path, MethodInvocationTree call, ExecutableElement method, @Nullable Naming naming) {
    OperationReading reading = context.operations().read(method);
    List<Argument> arguments = arguments(path, call, method);
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
    if (arguments == null) {
      return null;
    }
    return switch (equation) {
      case Equation.Flawed _ -> null;
      case Equation.AsProduct product -> product(path, product, operation, arguments, naming);
      case Equation.None _ ->
          apply(path, new Call.OfOperation(operation, arguments), operation.name(), naming);
    };
  }

  /** The product that an equation says, written out. */
  private OfTensor product(
      TreePath path,
      Equation.AsProduct product,
      OperationModel operation,
      List<Argument> arguments,
      @Nullable Naming naming) {
    List<Argument> tensors =
        IntStream.range(0, arguments.size())
            .filter(i -> operation.operands().get(i).tensor())
            .mapToObj(arguments::get)
            .toList();
    EinsumEquation.Product how = product.how();
    List<Argument> ordered = how.exchanged() ? tensors.reversed() : tensors;
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

  private @Nullable OfTensor helper(
      TreePath path, MethodInvocationTree call, ExecutableElement method, @Nullable Naming naming) {
    List<Argument> arguments = arguments(path, call, method);
    TreePath select = child(path, call.getMethodSelect());
    String function = context.helpers().function(method, select, scope.function());
    return arguments == null || function == null
        ? null
        : apply(path, new Call.OfFunction(function, arguments), isRecord(method), function, naming);
  }

  private @Nullable OfTensor subLayer(
      TreePath path,
      MethodInvocationTree call,
      MemberSelectTree select,
      ExecutableElement method,
      @Nullable Naming naming) {
    TreePath selectPath = child(path, select);
    Optional<FunctionScope.OfLayer> layer = plain.layer(child(selectPath, select.getExpression()));
    List<Argument> arguments = arguments(path, call, method);
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
    if (field.kind() != FieldDeclaration.Kind.SUB_LAYER || arguments == null) {
      return null;
    }
    LayerReference reference = new LayerReference(field.subLayer(), layer.get().element());
    return apply(
        path, new Call.OfLayer(reference, arguments), isRecord(method), field.name() + "Y", naming);
  }

  /** Whether it is a local variable whose declaration is reported. */
  private boolean isBroken(TreePath path) {
    return path.getLeaf() instanceof IdentifierTree
        && context.resolver().elementIfAny(path).map(scope::binding).orElse(null)
            instanceof FunctionScope.Broken;
  }

  private boolean isRecord(ExecutableElement method) {
    return RuntimeTypes.isTensorRecord(method.getReturnType(), context.elements());
  }

  /** The arguments in the order of the method's parameters; null if one could not be read. */
  private @Nullable List<Argument> arguments(
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
            records.read(child(path, actuals.get(i)), "given");
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
              ? arrays.spread(path, last)
              : plain.array(path, last, (ArrayType) formals.getLast());
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
      return read(path);
    }
    if (RuntimeTypes.isTensorArray(formal)) {
      return arrays.argument(path);
    }
    if (RuntimeTypes.holdsTensors(formal)) {
      unsupported(path, Constructs.TENSORS);
      return null;
    }
    return plain.read(path);
  }

  private OfTensor apply(TreePath path, Call call, String base, @Nullable Naming naming) {
    boolean several =
        call instanceof Call.OfOperation(OperationModel operation, var _) && operation.several();
    return apply(path, call, several, base, naming);
  }

  private OfTensor apply(
      TreePath path, Call call, boolean several, String base, @Nullable Naming naming) {
    String name = name(base, naming);
    Value result = several ? scope.newArray(name) : scope.newValue(name);
    scope.add(new Statement.Apply(result, call, context.at(path)));
    return new Argument.OfValue(result, context.at(path));
  }

  String name(String base, @Nullable Naming naming) {
    Names names = scope.names();
    return naming == null
        ? names.derived(base)
        : naming.own() ? names.own(naming.name()) : names.derived(naming.name());
  }

  /** Reports a call on tensors that the language does not have. */
  void noOperation(TreePath path, MethodInvocationTree call, ExecutableElement method) {
    new StrangeCalls(context, scope).report(path, call, method);
  }

  private void unsupported(TreePath path, Constructs construct) {
    context.complaints().unsupported(path, construct, scope.function());
  }
}
