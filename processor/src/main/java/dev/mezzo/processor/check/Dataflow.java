package dev.mezzo.processor.check;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.dims.Dim;
import dev.mezzo.processor.dims.ShapeTerm;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.SourcePosition;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.PrecisionPlan;
import dev.mezzo.processor.range.Elementary;
import dev.mezzo.processor.range.Formula;
import dev.mezzo.processor.range.Interval;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a function come from, which are kept or read in 16 bits, and between which
 * numbers they lie: what rules on numbers ask.
 */
final class Dataflow {
  /** Numbers of this size and below are 0 in FP16. */
  static final double VANISHING = 0x1p-25;

  private final PrecisionPlan.OfFunction plan;
  private final Map<Value, ShapeTerm> shapes;
  private final Function<String, Dataflow> functions;
  private final Map<Value, OperationCall> definitions = new LinkedHashMap<>();
  private final Map<Value, String> results = new HashMap<>();
  private final Set<Value> readInHalf = new HashSet<>();
  private final Map<Value, Interval> ranges = new HashMap<>();
  private @Nullable Argument returned;

  /**
   * Of a function.
   *
   * @param shapes as far as they are known
   * @param functions the others of its layer, which it calls
   */
  Dataflow(
      FunctionModel function,
      PrecisionPlan.OfFunction plan,
      Map<Value, ShapeTerm> shapes,
      Function<String, Dataflow> functions) {
    this.plan = plan;
    this.shapes = shapes;
    this.functions = functions;
    function.body().all().forEach(this::note);
  }

  /**
   * A call of an operation.
   *
   * @param in the function that it stands in, which may be one that the caller asks about
   */
  record OperationCall(
      Value result,
      OperationModel operation,
      List<Argument> arguments,
      SourcePosition position,
      Dataflow in) {

    /** The argument that an operand is given. */
    Optional<Argument> argument(String operand) {
      for (int i = 0; i < arguments.size(); i++) {
        if (operation.operands().get(i).name().equals(operand)) {
          return Optional.of(arguments.get(i));
        }
      }
      return Optional.empty();
    }
  }

  /** The calls of operations, in order. */
  List<OperationCall> calls() {
    return List.copyOf(definitions.values());
  }

  /**
   * The operation that computes what an argument is, whatever views of it are taken, also in
   * another function.
   */
  Optional<OperationCall> source(Argument argument) {
    if (!(argument instanceof Argument.OfValue(Value value, var _))) {
      return Optional.empty();
    }
    String function = results.get(value);
    if (function != null) {
      Dataflow callee = functions.apply(function);
      return callee.returned().flatMap(callee::source);
    }
    OperationCall call = definitions.get(value);
    return call != null && call.operation().view()
        ? source(call.arguments().getFirst())
        : Optional.ofNullable(call);
  }

  private Optional<Argument> returned() {
    return Optional.ofNullable(returned);
  }

  /** Whether a result is computed in 16 bits. */
  boolean computesInHalf(OperationCall call) {
    return plan.of(call.result()) == Precision.HALF;
  }

  /** Whether a value is in 16 bits somewhere: kept so, or read so. */
  boolean isInHalf(Value value) {
    return plan.of(value) == Precision.HALF || readInHalf.contains(value);
  }

  /** Whether an argument is a value that is in 16 bits somewhere. */
  boolean isInHalf(Argument argument) {
    return argument instanceof Argument.OfValue(Value value, var _) && isInHalf(value);
  }

  /** Between which numbers the elements of an argument lie. */
  Interval range(Argument argument) {
    return switch (argument) {
      case Argument.OfValue(Value value, var _) -> range(value);
      case Argument.OfParameter _ -> Interval.ANY;
      case Argument.Plain plain ->
          plain.constant().isPresent() ? Interval.of(plain.constant().getAsDouble()) : Interval.ANY;
    };
  }

  /** Between which numbers the elements of a value lie. */
  Interval range(Value value) {
    Interval known = ranges.get(value);
    if (known == null) {
      OperationCall call = definitions.get(value);
      known =
          call == null
              ? ofFunction(value)
              : call.operation()
                  .rules()
                  .range()
                  .map(formula -> rounded(value, below(call, formula, formula.over(ranges(call)))))
                  .orElse(Interval.ANY);
      ranges.put(value, known);
    }
    return known;
  }

  private Interval ofFunction(Value value) {
    String function = results.get(value);
    if (function == null) {
      return Interval.ANY;
    }
    Dataflow callee = functions.apply(function);
    return callee.returned().map(callee::range).orElse(Interval.ANY);
  }

  /** What is subtracted may be known to be no less, {@code x - max(x, y)}, or no greater. */
  private Interval below(OperationCall call, Formula formula, Interval range) {
    if (!(formula
        instanceof Formula.Difference(Formula.Operand(String a), Formula.Operand(String b)))) {
      return range;
    }
    Argument left = call.argument(a).orElseThrow();
    Argument right = call.argument(b).orElseThrow();
    if (isAmong(left, right, Elementary.MAX) || isAmong(right, left, Elementary.MIN)) {
      return new Interval(Math.min(range.least(), 0), Math.min(range.greatest(), 0));
    }
    if (isAmong(left, right, Elementary.MIN) || isAmong(right, left, Elementary.MAX)) {
      return new Interval(Math.max(range.least(), 0), Math.max(range.greatest(), 0));
    }
    return range;
  }

  /** Whether an argument is one of those of which another is the greatest, or the least. */
  private boolean isAmong(Argument one, Argument chosen, Elementary function) {
    return source(chosen).stream()
        .filter(call -> call.in() == this)
        .anyMatch(
            call ->
                call.operation().rules().range().stream()
                    .filter(Formula.Call.class::isInstance)
                    .map(Formula.Call.class::cast)
                    .filter(formula -> formula.function() == function)
                    .flatMap(formula -> formula.arguments().stream())
                    .filter(Formula.Operand.class::isInstance)
                    .flatMap(of -> call.argument(((Formula.Operand) of).name()).stream())
                    .anyMatch(of -> same(of, one)));
  }

  /** The operands' ranges in one call. */
  Formula.Ranges ranges(OperationCall call) {
    return new Formula.Ranges() {
      @Override
      public Interval of(String operand) {
        return operand.equals(Formula.COUNT)
            ? count(call)
            : call.argument(operand).map(Dataflow.this::range).orElse(Interval.ANY);
      }

      @Override
      public boolean same(String left, String right) {
        return left.equals(right)
            || call.argument(left)
                .flatMap(a -> call.argument(right).map(b -> Dataflow.same(a, b)))
                .orElse(false);
      }
    };
  }

  /** Whether two arguments are the same. */
  static boolean same(Argument left, Argument right) {
    return switch (left) {
      case Argument.OfValue(Value value, var _) ->
          right instanceof Argument.OfValue(Value other, var _) && value.equals(other);
      case Argument.OfParameter(var parameter, var _) ->
          right instanceof Argument.OfParameter(var other, var _) && parameter.equals(other);
      case Argument.Plain plain ->
          right instanceof Argument.Plain other && plain.code().equals(other.code());
    };
  }

  private Interval rounded(Value value, Interval range) {
    return isInHalf(value) && range.least() > 0 && range.least() <= VANISHING
        ? new Interval(0, range.greatest())
        : range;
  }

  /** How many elements of the first tensor one of the result is made of. */
  private Interval count(OperationCall call) {
    Optional<Dim> all =
        call.arguments().stream()
            .filter(Argument.OfValue.class::isInstance)
            .findFirst()
            .flatMap(first -> size(((Argument.OfValue) first).value()));
    OptionalLong count =
        all.flatMap(elements -> size(call.result()).map(elements::dividedBy))
            .map(Dim::constant)
            .orElse(OptionalLong.empty());
    return count.isPresent()
        ? Interval.of((double) count.getAsLong())
        : new Interval(0, Double.POSITIVE_INFINITY);
  }

  private Optional<Dim> size(Value value) {
    return Optional.ofNullable(shapes.get(value)).flatMap(ShapeTerm::size);
  }

  private void note(Statement statement) {
    switch (statement) {
      case Statement.Apply(Value result, Call call, SourcePosition position) -> {
        if (call instanceof Call.OfOperation(OperationModel operation, List<Argument> arguments)) {
          definitions.put(result, new OperationCall(result, operation, arguments, position, this));
        }
        if (call instanceof Call.OfFunction(String function, var _)) {
          results.put(result, function);
        }
        noteReads(statement, call.arguments());
      }
      case Statement.Return(Argument.OfTensor result, var _) -> {
        returned = result;
        noteReads(statement, List.of(result));
      }
      case Statement.If branch -> {
        for (Statement.Join join : branch.joins()) {
          if (plan.of(join.result()) == Precision.HALF) {
            noteInHalf(join.then());
            noteInHalf(join.otherwise());
          }
        }
      }
      case Statement.Loop loop -> {
        for (Statement.Carried carried : loop.carried()) {
          if (plan.of(carried.inside()) == Precision.HALF) {
            noteInHalf(carried.initial());
            noteInHalf(carried.next());
          }
        }
      }
      case Statement.Write write -> {
        if (plan.of(write.array()) == Precision.HALF) {
          noteInHalf(write.value());
        }
      }
      case Statement.PlainLocal _, Statement.PlainAssign _, Statement.Effect _ -> {}
    }
  }

  private void noteInHalf(Argument argument) {
    if (argument instanceof Argument.OfValue(Value value, var _)) {
      readInHalf.add(value);
    }
  }

  private void noteReads(Statement statement, List<? extends Argument> arguments) {
    List<Argument> read = new ArrayList<>(arguments);
    for (int i = 0; i < read.size(); i++) {
      if (read.get(i) instanceof Argument.OfValue(Value value, var _)
          && plan.argument(statement, i) == Precision.HALF) {
        readInHalf.add(value);
      }
    }
  }
}
