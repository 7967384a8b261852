package dev.mezzo.processor.read;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import dev.mezzo.annotations.Op;
import dev.mezzo.processor.read.resolve.UnresolvedException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import org.jspecify.annotations.Nullable;

/**
 * Why a method on tensors cannot be differentiated, as far as its source tells: the calls that lead
 * to where a tensor's elements leave the language.
 */
final class CallChain {
  private final SourceTrees trees;
  private final Set<Element> seen = new HashSet<>();

  private CallChain(SourceTrees trees) {
    this.trees = trees;
  }

  /**
   * One call on the way.
   *
   * @param text what it does, as in "calls scale(…)"
   */
  record Link(String text, TreePath path) {}

  /** The calls in the method's source, in the source of what that calls, and so on. */
  static List<Link> of(ExecutableElement method, SourceTrees trees) {
    return new CallChain(trees).find(method);
  }

  private List<Link> find(ExecutableElement method) {
    TreePath path = seen.add(method) ? trees.trees().getPath(method) : null;
    if (path == null) {
      return List.of();
    }
    Body body = new Body();
    body.scan(path, null);
    return body.chain;
  }

  /** Looks through one method for the first call that leaves the language. */
  private final class Body extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private List<Link> chain = List.of();

    @Override
    public @Nullable Void scan(Tree tree, @Nullable Void unused) {
      return chain.isEmpty() ? super.scan(tree, null) : null;
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void unused) {
      return null;
    }

    @Override
    public @Nullable Void visitLambdaExpression(LambdaExpressionTree tree, @Nullable Void unused) {
      return null;
    }

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
      chain = chain(getCurrentPath(), call);
      return super.visitMethodInvocation(call, null);
    }
  }

  private List<Link> chain(TreePath path, MethodInvocationTree call) {
    Optional<ExecutableElement> method = method(path);
    if (method.isEmpty() || AnnotationValues.has(method.get(), Op.class)) {
      return List.of();
    }
    String name = call.getMethodSelect().toString();
    if (readsElements(method.get())) {
      String read = ((MemberSelectTree) call.getMethodSelect()).getIdentifier().toString();
      return List.of(new Link("reads a tensor's elements with " + read + "()", path));
    }
    if (takesTensor(method.get())) {
      List<Link> rest = find(method.get());
      if (!rest.isEmpty()) {
        List<Link> chain = new ArrayList<>();
        chain.add(new Link("calls " + name + "(…)", path));
        chain.addAll(rest);
        return chain;
      }
    }
    return takesElements(path, call)
        ? List.of(new Link("calls " + name + " on a tensor's value", path))
        : List.of();
  }

  private Optional<ExecutableElement> method(TreePath call) {
    try {
      return trees
          .resolver()
          .elementIfAny(call)
          .filter(ExecutableElement.class::isInstance)
          .map(ExecutableElement.class::cast);
    } catch (UnresolvedException unresolved) {
      return Optional.empty(); // then this is not what the chain is about
    }
  }

  /** {@code toFloats()}, {@code item()}: not what a tensor is, but what is in it. */
  static boolean readsElements(ExecutableElement method) {
    return RuntimeTypes.isOfTensor(method)
        && method.getParameters().isEmpty()
        && !RuntimeTypes.isProperty(method)
        && RuntimeTypes.isNumber(method.getReturnType());
  }

  private static boolean takesTensor(ExecutableElement method) {
    return method.getParameters().stream()
        .anyMatch(parameter -> RuntimeTypes.isTensor(parameter.asType()));
  }

  /** Whether an argument has a tensor's elements in it. */
  private boolean takesElements(TreePath path, MethodInvocationTree call) {
    boolean[] found = {false};
    for (ExpressionTree argument : call.getArguments()) {
      new TreePathScanner<@Nullable Void, @Nullable Void>() {
        @Override
        public @Nullable Void visitMethodInvocation(
            MethodInvocationTree inner, @Nullable Void unused) {
          found[0] |= method(getCurrentPath()).filter(CallChain::readsElements).isPresent();
          return super.visitMethodInvocation(inner, null);
        }
      }.scan(new TreePath(path, argument), null);
    }
    return found[0];
  }
}
