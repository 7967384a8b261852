package dev.mezzo.processor.dims;

import dev.mezzo.processor.syntax.SyntaxException;
import dev.mezzo.processor.syntax.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a result's shape follows from the operands', as an operation declares it: {@code "a(..., m,
 * k), b(..., k, n) -> (..., m, n)"}. The language is described at {@code Op.shape}.
 *
 * @param operands what each tensor operand must look like; one that is not named may have any shape
 * @param text as it was written
 */
public record ShapeRule(List<Operand> operands, Result result, String text) {

  /** The pattern of one operand. */
  record Operand(String name, DimParser.Pattern pattern) {}

  /** What comes out. */
  sealed interface Result {

    /** Dimensions of the patterns' names. */
    record OfDims(DimParser.Pattern pattern) implements Result {}

    /** Several tensors, of which each has dimensions of the patterns' names. */
    record OfParts(List<DimParser.Pattern> patterns) implements Result {}

    /** What a function makes of operands and dimensions. */
    record OfFunction(ShapeFunction function, List<Dim> arguments) implements Result {}
  }

  /**
   * Reads a rule.
   *
   * @param names of all operands
   * @throws SyntaxException if it is none, or names an operand that does not exist
   */
  public static ShapeRule parse(String text, Set<String> names) {
    Tokens tokens = new Tokens(text);
    DimParser dims = new DimParser(tokens, Dim::symbol);
    List<Operand> operands = new ArrayList<>();
    while (!tokens.takeIf("->")) {
      if (!operands.isEmpty()) {
        tokens.expect(",");
      }
      if (!names.contains(tokens.peek())) {
        throw tokens.unexpected("an operand (" + String.join(", ", names) + ")");
      }
      String name = tokens.take();
      tokens.expect("(");
      operands.add(new Operand(name, dims.pattern(")")));
    }
    Result result;
    if (tokens.takeIf("(")) {
      List<DimParser.Pattern> patterns = new ArrayList<>(List.of(dims.pattern(")")));
      while (tokens.takeIf(",")) {
        tokens.expect("(");
        patterns.add(dims.pattern(")"));
      }
      result =
          patterns.size() == 1
              ? new Result.OfDims(patterns.getFirst())
              : new Result.OfParts(List.copyOf(patterns));
    } else {
      ShapeFunction function =
          ShapeFunction.named(tokens.peek())
              .orElseThrow(() -> tokens.unexpected("'(' or one of " + ShapeFunction.names()));
      tokens.take();
      tokens.expect("(");
      DimParser.Pattern arguments = dims.pattern(")");
      if (arguments.dims().size() != function.arity()) {
        throw tokens.unexpected(function.arity() + " arguments of '" + function.text() + "'");
      }
      result = new Result.OfFunction(function, arguments.dims());
    }
    tokens.expectEnd();
    return new ShapeRule(List.copyOf(operands), result, text);
  }

  /** The operand that is an equation of letters, where the result is made by one. */
  public Optional<String> equation() {
    return result instanceof Result.OfFunction(ShapeFunction function, List<Dim> arguments)
            && function == ShapeFunction.EINSUM
        ? NamedDims.name(arguments.getFirst())
        : Optional.empty();
  }

  /** The operands that have a pattern, in order. */
  public List<String> operandNames() {
    return operands.stream().map(Operand::name).toList();
  }

  /** The names of dimensions in the patterns and the result. */
  public Set<String> names() {
    Stream<Dim> ofResult =
        switch (result) {
          case Result.OfDims(DimParser.Pattern pattern) -> pattern.dims().stream();
          case Result.OfParts(var patterns) ->
              patterns.stream().flatMap(pattern -> pattern.dims().stream());
          case Result.OfFunction(ShapeFunction _, List<Dim> arguments) -> arguments.stream();
        };
    return Stream.concat(operands.stream().flatMap(o -> o.pattern().dims().stream()), ofResult)
        .flatMap(Dim::atoms)
        .filter(Atom.Symbol.class::isInstance)
        .map(atom -> ((Atom.Symbol) atom).name())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
