package dev.mezzo.processor.read.resolve;

import static dev.mezzo.processor.read.resolve.TypeNames.child;

import com.sun.source.tree.ArrayAccessTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.InstanceOfTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MemberReferenceTree;
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
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.ArrayType;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.ExecutableType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import org.jspecify.annotations.Nullable;

/** The types of expressions, by the rules of the language. */
final class ExpressionTypes {
  private final Resolver resolver;
  private final TypeNames typeNames;
  private final Elements elements;
  private final Types types;
  private final NumericTypes numbers;
  private final IdentityHashMap<Tree, TypeMirror> known = new IdentityHashMap<>();

  ExpressionTypes(Resolver resolver, TypeNames typeNames, Elements elements, Types types) {
    this.resolver = resolver;
    this.typeNames = typeNames;
    this.elements = elements;
    this.types = types;
    this.numbers = new NumericTypes(types);
  }

  TypeMirror type(TreePath path) {
    TypeMirror type = known.get(path.getLeaf());
    if (type == null) {
      type = find(path);
      known.put(path.getLeaf(), type);
    }
    return type;
  }

  /** The type of a call's argument; null for what takes its type from the parameter. */
  @Nullable TypeMirror argument(TreePath path) {
    return switch (path.getLeaf()) {
      case LambdaExpressionTree _ -> null;
      case MemberReferenceTree _ -> null;
      case SwitchExpressionTree _ -> null;
      case ParenthesizedTree inner -> argument(child(path, inner.getExpression()));
      default -> type(path);
    };
  }

  private TypeMirror find(TreePath path) {
    return switch (path.getLeaf()) {
      case LiteralTree literal -> literal(literal);
      case ParenthesizedTree inner -> type(child(path, inner.getExpression()));
      case IdentifierTree name -> identifier(path, name);
      case MemberSelectTree select -> select(path, select);
      case MethodInvocationTree call -> call(path, call);
      case UnaryTree unary -> unary(path, unary);
      case BinaryTree binary -> binary(path, binary);
      case ConditionalExpressionTree choice ->
          numbers.joined(
              type(child(path, choice.getTrueExpression())),
              type(child(path, choice.getFalseExpression())));
      case SwitchExpressionTree choice -> choice(path, choice);
      case TypeCastTree cast -> typeNames.type(child(path, cast.getType()));
      case InstanceOfTree _ -> types.getPrimitiveType(TypeKind.BOOLEAN);
      case ArrayAccessTree access -> component(path, access);
      case NewArrayTree array -> array(path, array);
      case NewClassTree creation -> typeNames.type(child(path, creation.getIdentifier()));
      case AssignmentTree assignment -> type(child(path, assignment.getVariable()));
      default -> typeNames.type(path);
    };
  }

  private TypeMirror literal(LiteralTree literal) {
    return switch (literal.getKind()) {
      case INT_LITERAL -> types.getPrimitiveType(TypeKind.INT);
      case LONG_LITERAL -> types.getPrimitiveType(TypeKind.LONG);
      case FLOAT_LITERAL -> types.getPrimitiveType(TypeKind.FLOAT);
      case DOUBLE_LITERAL -> types.getPrimitiveType(TypeKind.DOUBLE);
      case BOOLEAN_LITERAL -> types.getPrimitiveType(TypeKind.BOOLEAN);
      case CHAR_LITERAL -> types.getPrimitiveType(TypeKind.CHAR);
      case STRING_LITERAL -> ofLang("String");
      default -> types.getNullType();
    };
  }

  private TypeMirror identifier(TreePath path, IdentifierTree name) {
    if (name.getName().contentEquals("super")) {
      return resolver.enclosingClass(path).getSuperclass();
    }
    return resolver.element(path).asType();
  }

  private TypeMirror select(TreePath path, MemberSelectTree select) {
    if (select.getIdentifier().contentEquals("class")) {
      return ofLang("Class");
    }
    if (resolver.isArrayLength(path)) {
      return types.getPrimitiveType(TypeKind.INT);
    }
    Element element = resolver.element(path);
    TreePath receiver = child(path, select.getExpression());
    return resolver.isValue(receiver) && !element.getModifiers().contains(Modifier.STATIC)
        ? resolver.memberType(type(receiver), element)
        : element.asType();
  }

  private TypeMirror call(TreePath path, MethodInvocationTree call) {
    ExecutableElement method = (ExecutableElement) resolver.element(path);
    ExecutableType seen = (ExecutableType) method.asType();
    if (call.getMethodSelect() instanceof MemberSelectTree select
        && !method.getModifiers().contains(Modifier.STATIC)) {
      TypeMirror receiver = type(child(child(path, select), select.getExpression()));
      if (method.getSimpleName().contentEquals("toArray")
          && receiver instanceof DeclaredType list
          && list.getTypeArguments().size() == 1) {
        return types.getArrayType(list.getTypeArguments().getFirst());
      }
      seen = (ExecutableType) resolver.memberType(receiver, method);
    }
    return CallResult.of(types, method, seen, arguments(path, call));
  }

  /** The types of a call's arguments; null of what takes its type from the parameter. */
  List<@Nullable TypeMirror> arguments(TreePath path, MethodInvocationTree call) {
    List<@Nullable TypeMirror> arguments = new ArrayList<>();
    for (ExpressionTree argument : call.getArguments()) {
      arguments.add(argument(child(path, argument)));
    }
    return arguments;
  }

  private TypeMirror unary(TreePath path, UnaryTree tree) {
    TypeMirror operand = type(child(path, tree.getExpression()));
    return switch (tree.getKind()) {
      case UNARY_MINUS, UNARY_PLUS, BITWISE_COMPLEMENT -> numbers.promoted(operand);
      default -> operand;
    };
  }

  private TypeMirror binary(TreePath path, BinaryTree tree) {
    TypeMirror left = type(child(path, tree.getLeftOperand()));
    TypeMirror right = type(child(path, tree.getRightOperand()));
    return switch (tree.getKind()) {
      case EQUAL_TO,
          NOT_EQUAL_TO,
          LESS_THAN,
          GREATER_THAN,
          LESS_THAN_EQUAL,
          GREATER_THAN_EQUAL,
          CONDITIONAL_AND,
          CONDITIONAL_OR ->
          types.getPrimitiveType(TypeKind.BOOLEAN);
      case LEFT_SHIFT, RIGHT_SHIFT, UNSIGNED_RIGHT_SHIFT -> numbers.promoted(left);
      case PLUS ->
          numbers.isNumber(left) && numbers.isNumber(right)
              ? numbers.promoted(left, right)
              : ofLang("String");
      default -> numbers.promoted(left, right);
    };
  }

  /** Of the cases that are expressions. */
  private TypeMirror choice(TreePath path, SwitchExpressionTree tree) {
    return tree.getCases().stream()
        .filter(each -> each.getBody() instanceof ExpressionTree)
        .map(each -> type(child(child(path, each), each.getBody())))
        .reduce(numbers::joined)
        .orElseThrow(() -> new UnresolvedException(path));
  }

  private TypeMirror component(TreePath path, ArrayAccessTree access) {
    if (type(child(path, access.getExpression())) instanceof ArrayType array) {
      return array.getComponentType();
    }
    throw new UnresolvedException(path);
  }

  private TypeMirror array(TreePath path, NewArrayTree tree) {
    if (tree.getType() == null) {
      return declaredBy(path);
    }
    TypeMirror type = typeNames.type(child(path, tree.getType()));
    int dimensions = tree.getInitializers() == null ? tree.getDimensions().size() : 1;
    for (int i = 0; i < dimensions; i++) {
      type = types.getArrayType(type);
    }
    return type;
  }

  /** The type of {@code {1, 2}}: that of the variable or array which it initializes. */
  private TypeMirror declaredBy(TreePath path) {
    TreePath parent = path.getParentPath();
    if (parent.getLeaf() instanceof NewArrayTree && type(parent) instanceof ArrayType outer) {
      return outer.getComponentType();
    }
    return resolver.element(parent).asType();
  }

  private TypeMirror ofLang(String name) {
    TypeElement type = elements.getTypeElement("java.lang." + name);
    return Optional.ofNullable(type)
        .map(Element::asType)
        .map(types::erasure)
        .orElseThrow(() -> new IllegalStateException("no java.lang." + name));
  }
}
