package dev.mezzo.processor.read;

import static dev.mezzo.processor.read.LayerContext.child;

import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreePath;
import dev.mezzo.processor.problem.Catalogue;
import java.util.List;
import java.util.Optional;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;

/** Reports calls on tensors that the language does not have, with what to write instead. */
final class StrangeCalls {
  private final LayerContext context;
  private final FunctionScope scope;

  StrangeCalls(LayerContext context, FunctionScope scope) {
    this.context = context;
    this.scope = scope;
  }

  void report(TreePath path, MethodInvocationTree call, ExecutableElement method) {
    TreePath select = child(path, call.getMethodSelect());
    Optional<TreePath> lambda = lambda(path);
    if (lambda.isPresent()) {
      context.complaints().unsupported(lambda.get(), Constructs.LAMBDA, scope.function());
      return;
    }
    if (isOfLibrary(method)) {
      context.complaints().unsupported(path, Constructs.LIBRARY_CALL, scope.function());
      return;
    }
    List<CallChain.Link> chain = CallChain.of(method, context.trees());
    if (!chain.isEmpty()) {
      context
          .complaints()
          .notDifferentiable(select, scope.function(), method.getSimpleName().toString(), chain);
      return;
    }
    context
        .complaints()
        .add(select, Catalogue.NOT_AN_OPERATION, method.getSimpleName(), cure(call, method));
  }

  /** The first lambda or method reference that a call, or one that it is a call on, is given. */
  private static Optional<TreePath> lambda(TreePath path) {
    if (!(path.getLeaf() instanceof MethodInvocationTree call)) {
      return Optional.empty();
    }
    Optional<TreePath> before =
        call.getMethodSelect() instanceof MemberSelectTree select
            ? lambda(child(child(path, select), select.getExpression()))
            : Optional.empty();
    return before.or(
        () ->
            call.getArguments().stream()
                .filter(
                    argument ->
                        argument instanceof LambdaExpressionTree
                            || argument instanceof MemberReferenceTree)
                .findFirst()
                .map(argument -> child(path, argument)));
  }

  private boolean isOfLibrary(ExecutableElement method) {
    return context
        .elements()
        .getPackageOf(method)
        .getQualifiedName()
        .toString()
        .startsWith("java.");
  }

  private String cure(MethodInvocationTree call, ExecutableElement method) {
    boolean isStatic = method.getModifiers().contains(Modifier.STATIC);
    boolean returnsTensor = RuntimeTypes.isTensor(method.getReturnType());
    if (CallChain.readsElements(method)) {
      return "compute with operations: what is read from a tensor has no gradient";
    }
    if (RuntimeTypes.isParameter(method.getReturnType())
        && method.getParameters().isEmpty()
        && call.getMethodSelect() instanceof MemberSelectTree select) {
      return "hold the parameter in a field of this class, too, which ties it: '@MasterFp32 final"
          + " Parameter %s = %s', or a component of the record"
              .formatted(select.getIdentifier(), call);
    }
    boolean takesTensor =
        method.getParameters().stream()
            .anyMatch(parameter -> RuntimeTypes.isTensor(parameter.asType()));
    if (isStatic && returnsTensor && !takesTensor) {
      return "create the tensor before the call and pass it to '" + scope.function() + "'";
    }
    return returnsTensor && takesTensor
        ? "use an operation of Ops, make it a method of '%s', or annotate it with @Op and write its @Gradient methods"
            .formatted(context.layer().type().getSimpleName())
        : "use an operation of Ops, or annotate the method with @Op and write its @Gradient"
            + " methods";
  }
}
