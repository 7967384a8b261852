package dev.mezzo.processor.read;

import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import dev.mezzo.annotations.Recompute;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Block;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code @Recompute} on a local variable: the calls of layers and methods that make its value, on
 * each way of a choice, run again in backward. What they are given is saved.
 */
final class RecomputedCalls {
  private final List<Statement> made;
  private final Set<Value> calls = new HashSet<>();

  private RecomputedCalls(List<Statement> made) {
    this.made = made;
  }

  /**
   * The results of those calls; none where the variable is not annotated.
   *
   * @param made what computes its value
   */
  static Set<Value> of(
      TreePath path,
      VariableTree local,
      List<Statement> made,
      LayerContext context,
      FunctionScope scope) {
    Optional<TreePath> annotation =
        FieldReader.annotation(local.getModifiers(), path, Recompute.class);
    if (annotation.isEmpty()) {
      return Set.of();
    }
    RecomputedCalls found = new RecomputedCalls(new Block(List.copyOf(made)).all().toList());
    boolean complete =
        switch (scope.binding(context.resolver().element(path))) {
          case FunctionScope.OfValue(Value value) -> found.isOfCall(value);
          case FunctionScope.OfRecord(var _, var parts) -> parts.stream().allMatch(found::isOfCall);
          case FunctionScope.Broken _ -> true; // which is reported
          case null, default -> false;
        };
    if (!complete) {
      context
          .complaints()
          .unsupported(
              annotation.get(),
              "@Recompute on local variable '" + local.getName() + "'",
              scope.function(),
              "not understood: what makes its value is no call of a layer or method",
              "give that call a variable of its own, or write a method of it");
    }
    return found.calls;
  }

  private boolean isOfCall(Argument.OfTensor tensor) {
    return tensor instanceof Argument.OfValue(Value value, var _) && isOfCall(value);
  }

  private boolean isOfCall(Value value) {
    return made.stream().anyMatch(statement -> makes(statement, value));
  }

  /** Whether a statement makes a value by a call, or by a choice between values of calls. */
  private boolean makes(Statement statement, Value value) {
    return switch (statement) {
      case Statement.Apply(Value result, Call call, var _) when result.equals(value) ->
          switch (call) {
            case Call.OfLayer _, Call.OfFunction _ -> {
              calls.add(value);
              yield true;
            }
            case Call.OfElement(var arguments) -> // of a record
                arguments.getFirst() instanceof Argument.OfTensor array && isOfCall(array);
            case Call.OfOperation _, Call.OfArray _ -> false;
          };
      case Statement.If branch ->
          branch.joins().stream()
              .filter(join -> join.result().equals(value))
              .anyMatch(join -> isOfCall(join.then()) && isOfCall(join.otherwise()));
      default -> false;
    };
  }
}
