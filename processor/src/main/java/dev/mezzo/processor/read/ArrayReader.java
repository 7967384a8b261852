package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.FunctionScope.Binding;
import dev.mezzo.processor.read.TensorReader.Naming;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is done with arrays and lists of tensors. One variable has one array, so that its
 * elements' gradients are one array too; null stands for what could not be read and is reported.
 */
final class ArrayReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;

  ArrayReader(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
  }

  /** The array that an expression names: a variable, or {@code list.toArray(…)}. */
  Optional<FunctionScope.OfArray> named(TreePath path) {
    TreePath expression = Flow.unwrapped(path);
    if (expression.getLeaf() instanceof MethodInvocationTree call
        && call.getMethodSelect() instanceof MemberSelectTree select
        && select.getIdentifier().contentEquals("toArray")) {
      return named(receiver(expression, select));
    }
    return expression.getLeaf() instanceof IdentifierTree
        ? context
            .resolver()
            .elementIfAny(expression)
            .map(scope::binding)
            .filter(FunctionScope.OfArray.class::isInstance)
            .map(FunctionScope.OfArray.class::cast)
        : Optional.empty();
  }

  private static TreePath receiver(TreePath call, MemberSelectTree select) {
    return child(child(call, select), select.getExpression());
  }

  /** Whether an expression is a field of tensors or parameters, or asks one for something. */
  boolean isOfParameters(TreePath path) {
    TreePath expression = Flow.unwrapped(path);
    Optional<LayerField> field = context.layer().field(expression);
    if (field.isPresent()) {
      return RuntimeTypes.holdsTensors(field.get().element().asType());
    }
    return switch (expression.getLeaf()) {
      case ArrayAccessTree access -> isOfParameters(child(expression, access.getExpression()));
      case MethodInvocationTree call
          when call.getMethodSelect() instanceof MemberSelectTree select ->
          isOfParameters(receiver(expression, select));
      default -> false;
    };
  }

  /** Whether an expression calls a function in a field: {@code activation.apply(h)}. */
  boolean isOfFunction(TreePath path) {
    return path.getLeaf() instanceof MethodInvocationTree
        && context.resolver().element(path) instanceof ExecutableElement method
        && TypeText.owner(method).getQualifiedName().toString().startsWith("java.util.function.");
  }

  /** The array that a loop goes through: a variable's, or an operation's result. */
  Optional<FunctionScope.OfArray> goneThrough(TreePath path) {
    boolean result =
        Flow.unwrapped(path).getLeaf() instanceof MethodInvocationTree
            && RuntimeTypes.isTensorArray(context.resolver().type(path));
    Optional<FunctionScope.OfArray> named = named(path);
    return named.isEmpty() && result
        ? Optional.ofNullable(array(path, new Naming("elements", false)))
        : named;
  }

  /** A variable's array: a new one, or the result of an operation. */
  @Nullable Binding declared(TreePath path, String own) {
    return array(path, new Naming(own, true));
  }

  /** The array that an operation is given. */
  Argument.@Nullable OfTensor argument(TreePath path) {
    FunctionScope.OfArray known =
        named(path).orElseGet(() -> array(path, new Naming("parts", false)));
    return known == null ? null : new Argument.OfValue(known.value(), context.at(path));
  }

  private FunctionScope.@Nullable OfArray array(TreePath path, Naming naming) {
    TreePath expression = Flow.unwrapped(path);
    return switch (expression.getLeaf()) {
      case NewArrayTree tree when tree.getInitializers() != null ->
          made(expression, tree.getInitializers(), naming);
      case NewArrayTree tree when tree.getDimensions().size() == 1 ->
          sized(expression, child(expression, tree.getDimensions().getFirst()), naming);
      case NewClassTree tree when isEmptyList(expression, tree) ->
          made(expression, List.of(), naming);
      case MethodInvocationTree call when isListOf(expression) ->
          made(expression, call.getArguments(), naming);
      case MethodInvocationTree _ -> {
        Argument.@Nullable OfTensor result = tensors.read(expression, naming);
        yield result instanceof Argument.OfValue(Value value, var _)
            ? new FunctionScope.OfArray(value, false)
            : null;
      }
      default -> {
        boolean parameters = isOfParameters(expression);
        unsupported(path, parameters ? Constructs.PARAMETERS : Constructs.TENSORS);
        yield null;
      }
    };
  }

  /** {@code new ArrayList<>()}, also with a capacity. */
  private boolean isEmptyList(TreePath path, NewClassTree tree) {
    return TypeText.of(context.resolver().type(path)).startsWith("java.util.ArrayList")
        && tree.getArguments().stream()
            .allMatch(
                argument -> context.resolver().type(child(path, argument)).getKind().isPrimitive());
  }

  private boolean isListOf(TreePath call) {
    return context
        .resolver()
        .elementIfAny(call)
        .filter(
            method ->
                method.getSimpleName().contentEquals("of")
                    && method.getModifiers().contains(Modifier.STATIC)
                    && TypeText.owner(method).getQualifiedName().contentEquals("java.util.List"))
        .isPresent();
  }

  /** An array of the tensors that stand one after the other, as a last argument {@code T...}. */
  Argument.@Nullable OfTensor spread(TreePath call, List<? extends ExpressionTree> elements) {
    FunctionScope.@Nullable OfArray array = made(call, elements, new Naming("parts", false));
    return array == null ? null : new Argument.OfValue(array.value(), context.at(call));
  }

  private FunctionScope.@Nullable OfArray made(
      TreePath path, List<? extends ExpressionTree> elements, Naming naming) {
    List<Argument> read = new ArrayList<>();
    for (ExpressionTree element : elements) {
      Argument.@Nullable OfTensor tensor = tensors.read(child(path, element));
      if (tensor != null) {
        read.add(tensor);
      }
    }
    return read.size() < elements.size() ? null : add(path, read, naming);
  }

  private FunctionScope.@Nullable OfArray sized(TreePath path, TreePath length, Naming naming) {
    Argument.@Nullable Plain places = tensors.plain().read(length);
    return places == null ? null : add(path, List.of(places), naming);
  }

  private FunctionScope.OfArray add(TreePath path, List<Argument> arguments, Naming naming) {
    Value array = scope.newArray(tensors.name(naming.name(), naming));
    scope.add(new Statement.Apply(array, new Call.OfArray(arguments), context.at(path)));
    return new FunctionScope.OfArray(array, true);
  }

  /** {@code steps[i]}, {@code steps.get(i)}; empty where the expression is none. */
  Optional<Argument.OfTensor> element(TreePath path, @Nullable Naming naming) {
    return switch (path.getLeaf()) {
      case ArrayAccessTree access ->
          named(child(path, access.getExpression()))
              .flatMap(array -> element(path, array, index(path, access.getIndex()), naming));
      case MethodInvocationTree call
          when call.getMethodSelect() instanceof MemberSelectTree select ->
          named(receiver(path, select))
              .flatMap(array -> element(path, array, index(path, array, call, select), naming));
      default -> Optional.empty();
    };
  }

  /** The element at an index, as a statement. */
  Argument.OfTensor element(
      TreePath path, FunctionScope.OfArray array, Argument.Plain index, Naming naming) {
    return element(path, array, Optional.of(index), naming).orElseThrow();
  }

  /** One of a field's parameters, as a statement. */
  Argument.OfTensor element(
      TreePath path, FunctionScope.OfLayer parameter, @Nullable Naming naming) {
    LayerField field = parameter.field();
    Value result = scope.newValue(tensors.name(field.name() + "Element", naming));
    var of = new Argument.OfParameter(field.parameter(), context.at(path));
    var call = new Call.OfElement(List.of(of, parameter.element().orElseThrow()));
    scope.add(new Statement.Apply(result, call, context.at(path)));
    return new Argument.OfValue(result, context.at(path));
  }

  private Optional<Argument.OfTensor> element(
      TreePath path,
      FunctionScope.OfArray array,
      Optional<Argument.Plain> index,
      @Nullable Naming naming) {
    if (index.isEmpty()) {
      return Optional.empty();
    }
    Value result = scope.newValue(tensors.name(array.value().name() + "Element", naming));
    var of = new Argument.OfValue(array.value(), context.at(path));
    var call = new Call.OfElement(List.of(of, index.get()));
    scope.add(new Statement.Apply(result, call, context.at(path)));
    return Optional.of(new Argument.OfValue(result, context.at(path)));
  }

  private Optional<Argument.Plain> index(TreePath parent, ExpressionTree index) {
    return Optional.ofNullable(tensors.plain().read(child(parent, index)));
  }

  private Optional<Argument.Plain> index(
      TreePath path,
      FunctionScope.OfArray array,
      MethodInvocationTree call,
      MemberSelectTree select) {
    return switch (select.getIdentifier().toString()) {
      case "get" -> index(path, call.getArguments().getFirst());
      case "getFirst" -> Optional.of(Argument.Plain.number(0, context.at(path)));
      case "getLast" -> Optional.of(size(array, " - 1", path));
      default -> {
        unsupported(path, Constructs.TENSORS);
        yield Optional.empty();
      }
    };
  }

  /** How many elements there are. */
  Argument.Plain size(FunctionScope.OfArray array, TreePath path) {
    return size(array, "", path);
  }

  private Argument.Plain size(FunctionScope.OfArray array, String more, TreePath path) {
    return new Argument.Plain(
        array.value().name() + ".size()" + more,
        "int",
        List.of(array.value()),
        List.of(),
        false,
        true,
        OptionalDouble.empty(),
        Optional.empty(),
        context.at(path));
  }

  /**
   * {@code steps[i] = h}, {@code steps.add(h)}, {@code steps.set(i, h)}; false where the statement
   * is none.
   */
  boolean write(TreePath path) {
    return switch (path.getLeaf()) {
      case AssignmentTree tree when tree.getVariable() instanceof ArrayAccessTree access -> {
        TreePath target = child(path, access);
        Optional<FunctionScope.OfArray> array = named(child(target, access.getExpression()));
        array.ifPresent(
            to -> write(path, to, index(target, access.getIndex()), tree.getExpression()));
        yield array.isPresent();
      }
      case MethodInvocationTree call
          when call.getMethodSelect() instanceof MemberSelectTree select -> {
        Optional<FunctionScope.OfArray> array = named(receiver(path, select));
        array.ifPresent(to -> write(path, to, call, select.getIdentifier().toString()));
        yield array.isPresent();
      }
      default -> false;
    };
  }

  private void write(
      TreePath path, FunctionScope.OfArray array, MethodInvocationTree call, String method) {
    List<? extends ExpressionTree> arguments = call.getArguments();
    if ((method.equals("add") || method.equals("addLast")) && arguments.size() == 1) {
      write(path, array, Optional.of(size(array, path)), arguments.getFirst());
    } else if (method.equals("set")) {
      write(path, array, index(path, arguments.getFirst()), arguments.getLast());
    } else {
      unsupported(path, Constructs.LIST_METHOD);
    }
  }

  private void write(
      TreePath path,
      FunctionScope.OfArray array,
      Optional<Argument.Plain> index,
      ExpressionTree tensor) {
    if (!array.own()) {
      unsupported(path, Constructs.WRITTEN_RESULT);
      return;
    }
    Argument.@Nullable OfTensor value = tensors.read(child(path, tensor));
    if (value != null && index.isPresent()) {
      scope.add(new Statement.Write(array.value(), index.get(), value, context.at(path)));
    }
  }

  private void unsupported(TreePath path, Constructs construct) {
    context.complaints().unsupported(path, construct, scope.function());
  }
}
