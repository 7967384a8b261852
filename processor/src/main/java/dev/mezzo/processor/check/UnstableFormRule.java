package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Replacement;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.range.CallPattern;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where operations are nested that a better one replaces, the values between them are not in 16
 * bits: there a softmax is 0 and a sigmoid 1 long before they are so in FP32.
 */
final class UnstableFormRule implements NumericRule {

  @Override
  public Stream<Problem> check(Dataflow function) {
    return function.calls().stream().flatMap(UnstableFormRule::check);
  }

  private static Stream<Problem> check(OperationCall call) {
    return call.operation().rules().replacements().stream()
        .filter(replacement -> new Match().isHazard(replacement, call))
        .limit(1)
        .map(
            replacement ->
                Catalogue.UNSTABLE_FORM.at(
                    call.position(), replacement.form(), replacement.better()));
  }

  /** One attempt to find a form. */
  private static final class Match {
    private final Map<String, Bound> bound = new HashMap<>();
    private final List<OperationCall> inner = new ArrayList<>();

    /** What a name stands for, in a function. */
    private record Bound(Dataflow in, Argument argument) {
      boolean is(Bound other) {
        return in == other.in && Dataflow.same(argument, other.argument);
      }
    }

    boolean isHazard(Replacement replacement, OperationCall call) {
      return matches(replacement.form(), call)
          && inner.stream().anyMatch(part -> part.in().isInHalf(part.result()));
    }

    private boolean matches(CallPattern.Of pattern, OperationCall call) {
      if (!call.operation().name().equals(pattern.operation())
          || call.arguments().size() != pattern.arguments().size()) {
        return false;
      }
      for (int i = 0; i < call.arguments().size(); i++) {
        if (!matches(pattern.arguments().get(i), call.arguments().get(i), call)) {
          return false;
        }
      }
      return true;
    }

    private boolean matches(CallPattern pattern, Argument argument, OperationCall outer) {
      return switch (pattern) {
        case CallPattern.Any(String name) -> {
          Bound now = new Bound(outer.in(), argument);
          Bound before = bound.putIfAbsent(name, now);
          yield before == null || before.is(now);
        }
        case CallPattern.Constant(double value) ->
            argument instanceof Argument.Plain plain
                && plain.constant().stream().anyMatch(constant -> constant == value);
        case CallPattern.Of of ->
            outer
                .in()
                .source(argument)
                .filter(call -> call.operation().owner().equals(outer.operation().owner()))
                .filter(call -> matches(of, call))
                .filter(inner::add)
                .isPresent();
      };
    }
  }
}
