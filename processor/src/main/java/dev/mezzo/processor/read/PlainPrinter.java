package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssertTree;
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
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.ThrowTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.TypeCastTree;
import com.sun.source.tree.UnaryTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
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
  private final NamePrinter names;
  private final CallPrinter calls;

  PlainPrinter(LayerContext context, FunctionScope scope, TensorReader tensors) {
    this.context = context;
    this.scope = scope;
    this.tensors = tensors;
    this.names = new NamePrinter(context, scope);
    this.calls = new CallPrinter(context, tensors, this, names);
  }

  /** The tensors that the code looks at. */
  List<Value> reads() {
    return List.copyOf(reads);
  }

  /** The plain locals that the code reads. */
  List<String> locals() {
    return names.locals();
  }

  boolean readsModel() {
    return names.readsModel();
  }

  /** Notes a tensor that the code looks at. */
  void looksAt(Value value) {
    reads.add(value);
  }

  @Nullable String print(TreePath path) {
    if (context.resolver().ownType(path).filter(RuntimeTypes::isTensor).isPresent()) {
      return unsupported(path, Constructs.ofExpression(path.getLeaf(), true));
    }
    return switch (path.getLeaf()) {
      case LiteralTree literal -> literal(literal);
      case ParenthesizedTree inner -> join("(", print(path, inner.getExpression()), ")");
      case IdentifierTree tree -> names.identifier(path, tree);
      case MemberSelectTree tree -> select(path, tree);
      case MethodInvocationTree tree -> calls.print(path, tree);
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
      case InstanceOfTree tree -> pattern(path, tree);
      case ArrayAccessTree tree ->
          join(print(path, tree.getExpression()), "[", print(path, tree.getIndex()), "]");
      case NewArrayTree tree -> newArray(path, tree);
      case NewClassTree tree
          when tree.getClassBody() == null && tree.getEnclosingExpression() == null ->
          join(
              "new ",
              TypeText.of(context.resolver().type(path)),
              isDiamond(tree) ? "<>(" : "(",
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

  /** {@code check(n)}, {@code assert n > 0 : "no rows"}, {@code throw new Failure()}. */
  @Nullable String effect(TreePath path) {
    return switch (path.getLeaf()) {
      case ThrowTree tree -> join("throw ", print(path, tree.getExpression()));
      case AssertTree tree -> {
        String condition = join("assert ", print(path, tree.getCondition()));
        yield tree.getDetail() == null
            ? condition
            : join(condition, " : ", print(path, tree.getDetail()));
      }
      case MethodInvocationTree tree -> calls.effect(path, tree);
      default -> throw new IllegalArgumentException("no effect: " + path.getLeaf());
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

  /** {@code mode instanceof Scaled s}, as {@code s != null}. */
  private @Nullable String pattern(TreePath path, InstanceOfTree tree) {
    String variable = tensors.patterns().variable(path, tree);
    if (variable != null) {
      names.uses(List.of(variable));
    }
    return join(variable, " != null");
  }

  private String literal(LiteralTree tree) {
    Object value = tree.getValue();
    return value == null ? "null" : context.elements().getConstantExpression(value);
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
      return names.member(path, element);
    }
    return name.equals("this") || !names.reachable(path, element, "field")
        ? unsupportedUnlessPrivate(path, element)
        : join(print(path, tree.getExpression()), "." + name);
  }

  /** The number of elements of an array of tensors. */
  String size(FunctionScope.OfArray array, TreePath path) {
    looksAt(array.value());
    return tensors.arrays().size(array, path).code();
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
    Optional<LayerField> part =
        NullComparison.of(tree).flatMap(of -> context.layer().field(child(path, of.compared())));
    if (part.isPresent()) {
      return names.ofModel(part.get().access()) + " " + Operators.text(tree.getKind()) + " null";
    }
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

  /** The arguments, with commas; all are read, so that each is reported that cannot be. */
  @Nullable String arguments(TreePath parent, List<? extends ExpressionTree> trees) {
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

  private static boolean isDiamond(NewClassTree tree) {
    return tree.getIdentifier() instanceof ParameterizedTypeTree generic
        && generic.getTypeArguments().isEmpty();
  }

  private String type(TreePath parent, Tree tree) {
    return TypeText.of(context.resolver().type(child(parent, tree)));
  }

  private boolean isArray(TreePath path) {
    return context.resolver().isValue(path)
        && context.resolver().type(path).getKind() == TypeKind.ARRAY;
  }

  private @Nullable String unsupportedUnlessPrivate(TreePath path, Element element) {
    return element.getModifiers().contains(Modifier.PRIVATE)
        ? null
        : unsupported(path, Constructs.PLAIN_EXPRESSION);
  }

  /** Reports a construct, and is null. */
  @Nullable String unsupported(TreePath path, Constructs construct) {
    context.complaints().unsupported(path, construct, scope.function());
    return null;
  }

  /** The parts one after the other; null if one is. */
  static @Nullable String join(@Nullable String... parts) {
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
