package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.type.TypeMirror;
import org.jspecify.annotations.Nullable;

/**
 * Prints calls of methods that return plain values; those that would need a tensor's numbers are
 * reported.
 */
final class CallPrinter {
  private final LayerContext context;
  private final TensorReader tensors;
  private final PlainPrinter printer;
  private final NamePrinter names;

  CallPrinter(LayerContext context, TensorReader tensors, PlainPrinter printer, NamePrinter names) {
    this.context = context;
    this.tensors = tensors;
    this.printer = printer;
    this.names = names;
  }

  @Nullable String print(TreePath path, MethodInvocationTree tree) {
    return print(path, tree, false);
  }

  /** A call whose result nobody uses; it may be given tensors, as they are in the mixed form. */
  @Nullable String effect(TreePath path, MethodInvocationTree tree) {
    return print(path, tree, true);
  }

  private @Nullable String print(TreePath path, MethodInvocationTree tree, boolean effect) {
    if (!(context.resolver().element(path) instanceof ExecutableElement method)) {
      throw new UnresolvedException(path);
    }
    if (tree.getMethodSelect() instanceof MemberSelectTree select) {
      Optional<FunctionScope.OfArray> array =
          tensors.arrays().named(child(child(path, select), select.getExpression()));
      if (array.isPresent()) {
        return switch (select.getIdentifier().toString()) {
          case "size" -> printer.size(array.get(), path);
          case "isEmpty" -> printer.size(array.get(), path) + " == 0";
          default -> printer.unsupported(path, Constructs.TENSORS);
        };
      }
    }
    if (RuntimeTypes.isTraining(method)) {
      return "tape.training()";
    }
    if (reaches(method, RuntimeTypes::isTraining)) {
      return printer.unsupported(path, Constructs.TRAINING);
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
      names.uses(key.get().locals());
      return key.get().code();
    }
    String receiver = receiver(path, tree, method);
    if (receiver == null
        || !names.reachable(child(path, tree.getMethodSelect()), method, "method")) {
      return null;
    }
    if (givesTypeVariable(path, tree, method)) {
      return printer.unsupported(path, Constructs.TYPE_VARIABLE);
    }
    String arguments = arguments(path, tree, method, effect);
    return PlainPrinter.join(receiver, "." + method.getSimpleName() + "(", arguments, ")");
  }

  private boolean givesTypeVariable(
      TreePath path, MethodInvocationTree tree, ExecutableElement method) {
    int last = method.getParameters().size() - 1;
    for (int i = 0; i < tree.getArguments().size(); i++) {
      TreePath argument = child(path, tree.getArguments().get(i));
      if (TypeVariables.areIn(method.getParameters().get(Math.min(i, last)).asType())
          && context.resolver().ownType(argument).filter(TypeVariables::areIn).isPresent()) {
        return true;
      }
    }
    return false;
  }

  private @Nullable String arguments(
      TreePath path, MethodInvocationTree tree, ExecutableElement method, boolean effect) {
    List<@Nullable String> codes = new ArrayList<>();
    for (ExpressionTree argument : tree.getArguments()) {
      TreePath at = child(path, argument);
      Optional<TypeMirror> type = context.resolver().ownType(at);
      boolean tensor = type.filter(RuntimeTypes::isTensor).isPresent();
      if (type.filter(RuntimeTypes::holdsTensors).isPresent() || (tensor && !effect)) {
        tensors.calls().noOperation(path, tree, method);
        return null;
      }
      codes.add(tensor ? tensor(at) : printer.print(at));
    }
    return codes.contains(null) ? null : String.join(", ", codes);
  }

  private @Nullable String tensor(TreePath path) {
    return switch (tensors.read(path)) {
      case null -> null;
      case Argument.OfValue(Value value, var _) -> {
        printer.looksAt(value);
        yield value.name();
      }
      case Argument.OfParameter(var parameter, var _) -> names.ofModel(parameter.access());
    };
  }

  /**
   * Whether a method of the class calls one of these. It runs on the class itself, which is never
   * in training, and backward does not run it again.
   */
  private boolean reaches(ExecutableElement method, Predicate<Element> wanted) {
    Optional<TreePath> body = context.layer().method(method);
    if (body.isEmpty()) {
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
    }.scan(body.get(), null);
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
          ? names.model()
          : printer.unsupported(path, Constructs.PLAIN_EXPRESSION);
    }
    TreePath receiver = child(child(path, select), select.getExpression());
    if (!RuntimeTypes.isTensor(context.resolver().type(receiver))) {
      return printer.print(receiver);
    }
    if (!RuntimeTypes.isProperty(method)) {
      tensors.calls().noOperation(path, tree, method);
      return null;
    }
    return tensor(receiver);
  }
}
