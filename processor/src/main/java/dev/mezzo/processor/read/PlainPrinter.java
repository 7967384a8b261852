package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.CompoundAssignmentTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.InstanceOfTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewArrayTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TypeCastTree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.read.FunctionScope.Binding;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.type.TypeKind;
import org.jspecify.annotations.Nullable;

/**
 * Prints one plain expression for the generated class, which stands in the layer's package but is
 * another class: types are qualified, the layer's own members are read through {@code model}. Keeps
 * the user's parentheses, so precedence is as it was. Null stands for what could not be printed and
 * has been reported.
 */
final class PlainPrinter {
  private final LayerContext context;
  private final FunctionScope scope;
  private final TensorReader tensors;
  private final Set<Value> reads = new LinkedHashSet<>();
  private final Set<String> locals = new LinkedHashSet<>();
  private boolean readsModel;

  PlainPrinter(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
  }

  /** The tensors that the code looks at. */
  List<Value> reads() {
    return List.copyOf(reads);
  }

  /** The plain locals that the code reads. */
  List<String> locals() {
    return List.copyOf(locals);
  }

  boolean readsModel() {
    return readsModel;
  }

  @Nullable String print(TreePath path) {
    if (context.resolver().ownType(path).filter(RuntimeTypes::isTensor).isPresent()) {
      return unsupported(path, Constructs.ofExpression(path.getLeaf(), true));
    }
    return switch (path.getLeaf()) {
      case LiteralTree literal -> literal(literal);
      case ParenthesizedTree inner -> join("(", print(path, inner.getExpression()), ")");
      case IdentifierTree tree -> identifier(path, tree);
      case MemberSelectTree tree -> select(path, tree);
      case MethodInvocationTree tree -> call(path, tree);
      case UnaryTree tree -> unary(path, tree);
      case BinaryTree tree -> binary(path, tree);
      case SwitchExpressionTree tree -> tensors.switches().plain(path, tree, this);
      case ConditionalExpressionTree tree ->
          join(
              print(path, tree.getCondition()),
              " ? ",
              print(path, tree.getTrueExpression()),
              " : ",
              print(path, tree.getFalseExpression()));
      case TypeCastTree tree ->
          join("(", type(path, tree.getType()), ") ", print(path, tree.getExpression()));
      case InstanceOfTree tree when tree.getPattern() == null ->
          join(print(path, tree.getExpression()), " instanceof ", type(path, tree.getType()));
      case ArrayAccessTree tree ->
          join(print(path, tree.getExpression()), "[", print(path, tree.getIndex()), "]");
      case NewArrayTree tree -> newArray(path, tree);
      case NewClassTree tree
          when tree.getClassBody() == null && tree.getEnclosingExpression() == null ->
          join(
              "new ",
              TypeText.of(context.resolver().type(path)),
              "(",
              arguments(path, tree.getArguments()),
              ")");
      default -> unsupported(path, Constructs.ofExpression(path.getLeaf(), false));
    };
  }

  /** {@code n = n + 1}, {@code dims[0] += 2}, {@code i++}: of a local variable. */
  @Nullable String assignment(TreePath path) {
    return switch (path.getLeaf()) {
      case AssignmentTree tree ->
          join(print(path, tree.getVariable()), " = ", print(path, tree.getExpression()));
      case CompoundAssignmentTree tree ->
          join(
              print(path, tree.getVariable()),
              " " + Operators.text(tree.getKind()) + " ",
              print(path, tree.getExpression()));
      case UnaryTree tree ->
          join(
              print(path, tree.getExpression()),
              switch (tree.getKind()) {
                case POSTFIX_INCREMENT, PREFIX_INCREMENT -> "++";
                default -> "--";
              });
      default -> throw new IllegalArgumentException("no assignment: " + path.getLeaf());
    };
  }

  /** Elements as {@code new int[] {a, b}}. */
  @Nullable String array(
      TreePath parent, List<? extends ExpressionTree> elements, String arrayType) {
    return join("new ", arrayType, " {", arguments(parent, elements), "}");
  }

  private @Nullable String print(TreePath parent, ExpressionTree child) {
    return print(child(parent, child));
  }

  private String literal(LiteralTree tree) {
    Object value = tree.getValue();
    return value == null ? "null" : context.elements().getConstantExpression(value);
  }

  private @Nullable String identifier(TreePath path, IdentifierTree tree) {
    if (LayerSource.isThis(tree)) {
      readsModel = true;
      return "model";
    }
    Element element = context.resolver().element(path);
    Binding binding = scope.binding(element);
    if (binding == null) {
      return member(path, element);
    }
    return switch (binding) {
      case FunctionScope.OfPlain(String name) -> {
        locals.add(name);
        yield name;
      }
      case FunctionScope.OfLayer(LayerField field, var place) -> {
        place.ifPresent(index -> locals.addAll(index.locals()));
        yield ofModel(place.map(index -> field.access(index.code())).orElse(field.access()));
      }
      case FunctionScope.OfEntry _ -> unsupported(path, Constructs.ENTRY);
      case FunctionScope.OfArray _ -> unsupported(path, Constructs.TENSORS);
      case FunctionScope.OfRecord _ -> unsupported(path, Constructs.RECORD);
      case FunctionScope.OfValue _,
          FunctionScope.OfParameter _,
          FunctionScope.Unassigned _,
          FunctionScope.Broken _ ->
          null;
    };
  }

  /** A field or type that is named without a receiver, or a static one with it. */
  private @Nullable String member(TreePath path, Element element) {
    if (element instanceof TypeElement type) {
      return reachable(path, type, "class") ? TypeText.of(type) : null;
    }
    if (!(element instanceof VariableElement field) || !element.getKind().isField()) {
      return unsupported(path, Constructs.PLAIN_EXPRESSION);
    }
    LayerField own = context.layer().fields().get(field);
    if (own != null) {
      return ofModel(own.access());
    }
    if (!field.getModifiers().contains(Modifier.STATIC)) {
      return context.elements().getAllMembers(context.layer().type()).contains(field)
          ? ofModel(field.getSimpleName().toString())
          : unsupported(path, Constructs.PLAIN_EXPRESSION);
    }
    if (RuntimeTypes.isState(field.asType())) {
      StateUses.STATIC.report(context, path, (ExpressionTree) path.getLeaf());
      return null;
    }
    if (field.getModifiers().contains(Modifier.PRIVATE) && field.getConstantValue() != null) {
      return context.elements().getConstantExpression(field.getConstantValue());
    }
    return reachable(path, field, "field")
        ? TypeText.of(TypeText.owner(field)) + "." + field.getSimpleName()
        : null;
  }

  private @Nullable String select(TreePath path, MemberSelectTree tree) {
    String name = tree.getIdentifier().toString();
    if (name.equals("class")) {
      return join(type(path, tree.getExpression()), ".class");
    }
    if (name.equals("length")) {
      Optional<FunctionScope.OfArray> tensorArray =
          tensors.arrays().named(child(path, tree.getExpression()));
      if (tensorArray.isPresent()) {
        return size(tensorArray.get(), path);
      }
    }
    if (name.equals("length") && isArray(child(path, tree.getExpression()))) {
      return join(print(path, tree.getExpression()), ".length");
    }
    Element element = context.resolver().element(path);
    if (element instanceof TypeElement
        || element.getModifiers().contains(Modifier.STATIC)
        || context.layer().field(path).isPresent()) {
      return member(path, element);
    }
    return name.equals("this") || !reachable(path, element, "field")
        ? unsupportedUnlessPrivate(path, element)
        : join(print(path, tree.getExpression()), "." + name);
  }

  private @Nullable String call(TreePath path, MethodInvocationTree tree) {
    if (!(context.resolver().element(path) instanceof ExecutableElement method)) {
      throw new UnresolvedException(path);
    }
    if (tree.getMethodSelect() instanceof MemberSelectTree select) {
      Optional<FunctionScope.OfArray> array =
          tensors.arrays().named(child(child(path, select), select.getExpression()));
      if (array.isPresent()) {
        return switch (select.getIdentifier().toString()) {
          case "size" -> size(array.get(), path);
          case "isEmpty" -> size(array.get(), path) + " == 0";
          default -> unsupported(path, Constructs.TENSORS);
        };
      }
    }
    if (RuntimeTypes.isTraining(method)) {
      return "tape.training()";
    }
    if (reaches(method, RuntimeTypes::isTraining)) {
      return unsupported(path, Constructs.TRAINING);
    }
    if (RuntimeTypes.isOfState(method) && method.getModifiers().contains(Modifier.STATIC)) {
      StateUses.MADE.report(context, path, tree);
      return null;
    }
    if (RuntimeTypes.isNumbersOfState(method) || reaches(method, RuntimeTypes::isNumbersOfState)) {
      StateUses.NUMBERS.report(context, path, tree);
      return null;
    }
    Optional<Argument.Plain> key = tensors.plain().key(path);
    if (key.isPresent()) {
      locals.addAll(key.get().locals());
      return key.get().code();
    }
    String receiver = receiver(path, tree, method);
    if (receiver == null || !reachable(child(path, tree.getMethodSelect()), method, "method")) {
      return null;
    }
    for (ExpressionTree argument : tree.getArguments()) {
      if (context
          .resolver()
          .ownType(child(path, argument))
          .filter(type -> RuntimeTypes.isTensor(type) || RuntimeTypes.holdsTensors(type))
          .isPresent()) {
        tensors.noOperation(path, tree, method);
        return null;
      }
    }
    return join(
        receiver, "." + method.getSimpleName() + "(", arguments(path, tree.getArguments()), ")");
  }

  private String size(FunctionScope.OfArray array, TreePath path) {
    reads.add(array.value());
    return tensors.arrays().size(array, path).code();
  }

  /**
   * Whether a method of the class calls one of these. It runs on the class itself, which is never
   * in training, and backward does not run it again.
   */
  private boolean reaches(ExecutableElement method, Predicate<Element> wanted) {
    TreePath body = context.layer().methods().get(method);
    if (body == null) {
      return false;
    }
    boolean[] reaches = {false};
    new TreePathScanner<@Nullable Void, @Nullable Void>() {
      @Override
      public @Nullable Void visitMethodInvocation(
          MethodInvocationTree call, @Nullable Void unused) {
        reaches[0] |= context.resolver().elementIfAny(getCurrentPath()).filter(wanted).isPresent();
        return super.visitMethodInvocation(call, null);
      }
    }.scan(body, null);
    return reaches[0];
  }

  private @Nullable String receiver(
      TreePath path, MethodInvocationTree tree, ExecutableElement method) {
    if (method.getModifiers().contains(Modifier.STATIC)) {
      return TypeText.of(TypeText.owner(method));
    }
    if (!(tree.getMethodSelect() instanceof MemberSelectTree select)) {
      return TypeText.owner(method).equals(context.layer().type())
              || context.elements().getAllMembers(context.layer().type()).contains(method)
          ? model()
          : unsupported(path, Constructs.PLAIN_EXPRESSION);
    }
    TreePath receiver = child(child(path, select), select.getExpression());
    if (!RuntimeTypes.isTensor(context.resolver().type(receiver))) {
      return print(receiver);
    }
    if (!RuntimeTypes.isProperty(method)) {
      tensors.noOperation(path, tree, method);
      return null;
    }
    return switch (tensors.read(receiver)) {
      case null -> null;
      case Argument.OfValue(Value value, var _) -> {
        reads.add(value);
        yield value.name();
      }
      case Argument.OfParameter(var parameter, var _) -> ofModel(parameter.access());
    };
  }

  private @Nullable String unary(TreePath path, UnaryTree tree) {
    String operator =
        switch (tree.getKind()) {
          case UNARY_MINUS -> "-";
          case UNARY_PLUS -> "+";
          case LOGICAL_COMPLEMENT -> "!";
          case BITWISE_COMPLEMENT -> "~";
          default -> "";
        };
    if (operator.isEmpty()) {
      return unsupported(path, Constructs.REASSIGNMENT);
    }
    String operand = print(path, tree.getExpression());
    return operand != null && operand.startsWith(operator)
        ? operator + " " + operand
        : join(operator, operand);
  }

  private @Nullable String binary(TreePath path, BinaryTree tree) {
    return join(
        print(path, tree.getLeftOperand()),
        " " + Operators.text(tree.getKind()) + " ",
        print(path, tree.getRightOperand()));
  }

  private @Nullable String newArray(TreePath path, NewArrayTree tree) {
    String type = TypeText.of(context.resolver().type(path));
    List<? extends ExpressionTree> initializers = tree.getInitializers();
    if (initializers != null) {
      return array(path, initializers, type);
    }
    String element = type.substring(0, type.indexOf('['));
    String rest = type.substring(element.length() + 2 * tree.getDimensions().size());
    StringBuilder dimensions = new StringBuilder();
    for (ExpressionTree dimension : tree.getDimensions()) {
      String code = print(path, dimension);
      if (code == null) {
        return null;
      }
      dimensions.append('[').append(code).append(']');
    }
    return "new " + element + dimensions + rest;
  }

  private @Nullable String arguments(TreePath parent, List<? extends ExpressionTree> trees) {
    List<String> codes = new ArrayList<>();
    boolean complete = true;
    for (ExpressionTree tree : trees) {
      String code = print(parent, tree);
      complete &= code != null;
      if (code != null) {
        codes.add(code);
      }
    }
    return complete ? String.join(", ", codes) : null;
  }

  private String type(TreePath parent, Tree tree) {
    return TypeText.of(context.resolver().type(child(parent, tree)));
  }

  private boolean isArray(TreePath path) {
    return context.resolver().isValue(path)
        && context.resolver().type(path).getKind() == TypeKind.ARRAY;
  }

  private String model() {
    readsModel = true;
    return "model";
  }

  private String ofModel(String access) {
    return model() + "." + access;
  }

  /** Whether the generated class may name it; reports if not. */
  private boolean reachable(TreePath path, Element element, String what) {
    boolean isPrivate = element.getModifiers().contains(Modifier.PRIVATE);
    if (isPrivate) {
      context
          .complaints()
          .add(
              path,
              Catalogue.INACCESSIBLE_FIELD,
              what,
              element.getSimpleName(),
              TypeText.className(context.layer().type()).mixed().name());
    }
    return !isPrivate;
  }

  private @Nullable String unsupportedUnlessPrivate(TreePath path, Element element) {
    return element.getModifiers().contains(Modifier.PRIVATE)
        ? null
        : unsupported(path, Constructs.PLAIN_EXPRESSION);
  }

  private @Nullable String unsupported(TreePath path, Constructs construct) {
    context.complaints().unsupported(path, construct, scope.function());
    return null;
  }

  private static @Nullable String join(@Nullable String... parts) {
    StringBuilder joined = new StringBuilder();
    for (String part : parts) {
      if (part == null) {
        return null;
      }
      joined.append(part);
    }
    return joined.toString();
  }
}
