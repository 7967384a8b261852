package dev.mezzo.processor.dims;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One call of what has a rule: lets its operands fit and finds the result's shape. */
public final class RuleApplication {
  private final ShapeRule rule;
  private final Map<String, Given> given;
  private final Solver solver;
  private final NamedDims names;
  private final Map<String, ShapeTerm> rows = new HashMap<>();
  private final Map<String, String> rowOwners = new HashMap<>();
  private final Map<String, ShapeTerm> repeated = new LinkedHashMap<>();

  private RuleApplication(ShapeRule rule, Map<String, Given> given, Solver solver) {
    this.rule = rule;
    this.given = given;
    this.solver = solver;
    this.names = new NamedDims(given, solver);
  }

  /**
   * The outcome of a call.
   *
   * @param result its shape, of an array what its shapes have in common; of a call that does not
   *     fit nothing is known
   * @param parts of a result that is an array each shape, where that is known
   * @param mismatch why the operands do not fit, as the rest of a sentence
   */
  public record Outcome(
      ShapeTerm result, Optional<List<ShapeTerm>> parts, Optional<String> mismatch) {}

  /** Applies a rule to what its operands are given. */
  public static Outcome apply(ShapeRule rule, Map<String, Given> given, Solver solver) {
    try {
      RuleApplication application = new RuleApplication(rule, given, solver);
      ShapeTerm result = application.result();
      return new Outcome(result, application.parts(), Optional.empty());
    } catch (MismatchException mismatch) {
      String why = mismatch.getMessage();
      return new Outcome(solver.freshShape(), Optional.empty(), Optional.ofNullable(why));
    }
  }

  private ShapeTerm result() throws MismatchException {
    for (ShapeRule.Operand operand : rule.operands()) {
      if (given.get(operand.name()) instanceof Given.OfTensor(ShapeTerm shape)) {
        fit(operand.name(), operand.pattern(), shape);
      }
    }
    return switch (rule.result()) {
      case ShapeRule.Result.OfFunction(ShapeFunction function, List<Dim> arguments) ->
          function.apply(new FunctionArguments(arguments, given, names, solver));
      case ShapeRule.Result.OfDims(DimParser.Pattern pattern) -> made(pattern);
      case ShapeRule.Result.OfParts _ -> solver.freshShape();
    };
  }

  private ShapeTerm made(DimParser.Pattern pattern) throws MismatchException {
    ShapeTerm front = pattern.row().isPresent() ? front(pattern.row().get()) : ShapeTerm.scalar();
    List<Dim> all = new ArrayList<>(front.dims());
    pattern.dims().forEach(dim -> all.add(atLeastZero(solver.resolve(names.instantiate(dim)))));
    return new ShapeTerm(front.row(), all);
  }

  private Optional<List<ShapeTerm>> parts() throws MismatchException {
    return switch (rule.result()) {
      case ShapeRule.Result.OfFunction(var function, var arguments) ->
          function.parts(new FunctionArguments(arguments, given, names, solver));
      case ShapeRule.Result.OfDims _ -> Optional.empty();
      case ShapeRule.Result.OfParts(var patterns) -> {
        List<ShapeTerm> parts = new ArrayList<>();
        for (DimParser.Pattern pattern : patterns) {
          parts.add(made(pattern));
        }
        yield Optional.of(parts);
      }
    };
  }

  /** A window that does not fit once leaves nothing. */
  private static Dim atLeastZero(Dim dim) {
    return dim.constant().stream().anyMatch(number -> number < 0) ? Dim.of(0) : dim;
  }

  private void fit(String operand, DimParser.Pattern pattern, ShapeTerm shape)
      throws MismatchException {
    int rank = pattern.dims().size();
    boolean fits =
        pattern.row().isPresent() ? solver.expand(shape, rank) : solver.close(shape, rank);
    if (!fits) {
      throw new MismatchException(
          "'%s' must have %s%d dimension%s"
              .formatted(
                  operand,
                  pattern.row().isPresent() ? "at least " : "",
                  rank,
                  rank == 1 ? "" : "s"));
    }
    ShapeTerm known = solver.resolve(shape);
    int front = known.dims().size() - rank;
    for (int i = 0; i < rank; i++) {
      fit(operand, pattern.dims().get(i), known.dims().get(front + i), i - rank);
    }
    if (pattern.row().isPresent()) {
      ShapeTerm rest = new ShapeTerm(known.row(), known.dims().subList(0, front));
      row(operand, pattern.row().get(), rest);
    }
  }

  private void fit(String operand, Dim written, Dim actual, int axis) throws MismatchException {
    Dim wanted = solver.resolve(names.instantiate(written));
    if (!solver.unify(wanted, actual)) {
      Optional<String> name = NamedDims.name(written);
      Optional<String> owner = name.flatMap(names::owner);
      throw new MismatchException(
          owner.isPresent()
              ? "'%s' is %s in '%s' and %s in '%s'"
                  .formatted(name.orElseThrow(), wanted, owner.get(), actual, operand)
              : "dimension %d of '%s' is %s, not %s"
                  .formatted(axis, operand, actual, explained(written, wanted)));
    }
    names.meet(written, operand);
  }

  /** As in {@code inFeatures = 784}. */
  private static String explained(Dim written, Dim wanted) {
    return written.equals(wanted) ? wanted.toString() : written + " = " + wanted;
  }

  private void row(String operand, String name, ShapeTerm rest) throws MismatchException {
    if (name.isEmpty()) {
      repeated.put(operand, rest);
      return;
    }
    ShapeTerm before = rows.putIfAbsent(name, rest);
    String owner = rowOwners.putIfAbsent(name, operand);
    if (before != null && !solver.unify(before, rest)) {
      throw new MismatchException(
          "'%s' is %s in '%s' and %s in '%s'"
              .formatted(name, solver.resolve(before), owner, solver.resolve(rest), operand));
    }
  }

  private ShapeTerm front(String row) throws MismatchException {
    if (!row.isEmpty()) {
      ShapeTerm known = rows.get(row);
      return known == null ? solver.freshShape() : solver.resolve(known);
    }
    ShapeTerm front = ShapeTerm.scalar();
    for (ShapeTerm next : repeated.values()) {
      Optional<ShapeTerm> joined = solver.broadcast(front, next);
      if (joined.isEmpty()) {
        throw new MismatchException(
            "dimensions differ in %s, and neither is 1"
                .formatted("'" + String.join("' and '", repeated.keySet()) + "'"));
      }
      front = joined.get();
    }
    return front;
  }
}
