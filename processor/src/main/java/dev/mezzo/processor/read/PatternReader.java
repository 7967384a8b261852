package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.BindingPatternTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.InstanceOfTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.model.Argument.Plain;
import dev.mezzo.processor.model.Statement;
import java.util.List;
import javax.lang.model.element.Element;
import org.jspecify.annotations.Nullable;

/**
 * Reads patterns of types. A pattern's variable becomes a local one that stands in front, null
 * where the object is of another type: so it may be read on the way that is taken, wherever that
 * stands.
 */
final class PatternReader {
  private final LayerContext context;
  private final FunctionScope scope;
  private final PlainReader plain;

  PatternReader(LayerContext context, FunctionScope scope, PlainReader plain) {
    this.context = context;
    this.scope = scope;
    this.plain = plain;
  }

  /**
   * {@code mode instanceof Scaled s}: the local variable that is {@code s}, or null; null where it
   * could not be read, which is reported.
   */
  @Nullable String variable(TreePath path, InstanceOfTree tree) {
    TreePath object = child(path, tree.getExpression());
    if (!(tree.getPattern() instanceof BindingPatternTree pattern)) {
      return refused(path, Constructs.PATTERN);
    }
    TreePath binding = child(path, pattern);
    scope.bind(
        context.resolver().element(child(binding, pattern.getVariable())),
        new FunctionScope.Broken());
    if (context.resolver().ownType(object).filter(RuntimeTypes::isTensor).isPresent()) {
      return refused(path, Constructs.TENSOR_EXPRESSION);
    }
    if (!isSimple(tree.getExpression())) {
      return refused(path, Constructs.PATTERN_OF);
    }
    Plain tested = plain.read(object);
    return tested == null ? null : variable(tested, binding);
  }

  private @Nullable String refused(TreePath path, Constructs construct) {
    context.complaints().unsupported(path, construct, scope.function());
    return null;
  }

  /** The same for a case of a switch. */
  String variable(Plain tested, TreePath path) {
    TreePath declaration = child(path, ((BindingPatternTree) path.getLeaf()).getVariable());
    Element element = context.resolver().element(declaration);
    String type = TypeText.of(element.asType());
    String name = scope.names().own(element.getSimpleName().toString());
    String object = SwitchCases.operand(tested);
    String code = "%s instanceof %s ? (%s) %s : null".formatted(object, type, type, object);
    Plain value = tested.withCode(code, type, tested.locals());
    scope.add(new Statement.PlainLocal(type, name, value, context.at(path)));
    scope.bind(element, new FunctionScope.OfPlain(name));
    return name;
  }

  /** {@code mode instanceof Scaled}, where nobody reads the variable. */
  Plain test(Plain tested, TreePath path) {
    TreePath declaration = child(path, ((BindingPatternTree) path.getLeaf()).getVariable());
    String type = TypeText.of(context.resolver().element(declaration).asType());
    List<String> locals = tested.locals();
    return tested.withCode(SwitchCases.operand(tested) + " instanceof " + type, "boolean", locals);
  }

  /** Whether it may be evaluated before the rest of its expression: a name, or an accessor. */
  private static boolean isSimple(ExpressionTree tree) {
    return switch (tree) {
      case ParenthesizedTree inner -> isSimple(inner.getExpression());
      case IdentifierTree _ -> true;
      case MemberSelectTree select -> LayerSource.isThis(select.getExpression());
      case MethodInvocationTree call -> LayerSource.isOnThis(call) && call.getArguments().isEmpty();
      default -> false;
    };
  }
}
