package dev.mezzo.processor.range;

import dev.mezzo.processor.syntax.SyntaxException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * An element of a result as a formula of elements of the operands, {@code "x * factor"}, as an
 * operation declares it; {@code 0..1} is all numbers between. The language is described at {@code
 * Op.range}.
 */
public sealed interface Formula {

  /** Stands for how many elements of the first tensor one element of the result is made of. */
  String COUNT = "count";

  /** A number. */
  record Constant(double value) implements Formula {}

  /** An operand. */
  record Operand(String name) implements Formula {}

  /** A sum. */
  record Sum(Formula left, Formula right) implements Formula {}

  /** A difference. */
  record Difference(Formula left, Formula right) implements Formula {}

  /** A product. */
  record Product(Formula left, Formula right) implements Formula {}

  /** A quotient. */
  record Quotient(Formula dividend, Formula divisor) implements Formula {}

  /** All numbers between two. */
  record Between(Formula least, Formula greatest) implements Formula {}

  /** A function. */
  record Call(Elementary function, List<Formula> arguments) implements Formula {}

  /**
   * Reads a formula.
   *
   * @throws SyntaxException if it is none, or names what is no operand
   */
  static Formula parse(String text, Set<String> operands) {
    return new FormulaParser(text, operands).parse();
  }

  /** The parts, one level down. */
  default List<Formula> parts() {
    return switch (this) {
      case Constant _, Operand _ -> List.of();
      case Sum(Formula a, Formula b) -> List.of(a, b);
      case Difference(Formula a, Formula b) -> List.of(a, b);
      case Product(Formula a, Formula b) -> List.of(a, b);
      case Quotient(Formula a, Formula b) -> List.of(a, b);
      case Between(Formula a, Formula b) -> List.of(a, b);
      case Call(Elementary _, List<Formula> arguments) -> arguments;
    };
  }

  /** The formula and all that is in it. */
  default Stream<Formula> all() {
    return Stream.concat(Stream.of(this), parts().stream().flatMap(Formula::all));
  }

  /** Whether the operand occurs. */
  default boolean mentions(String operand) {
    return all().anyMatch(new Operand(operand)::equals);
  }

  /** What the operand's value may itself be the result of: added, or a bound of the result. */
  default boolean yields(String operand) {
    return switch (this) {
      case Operand(String name) -> name.equals(operand);
      case Sum sum -> sum.left().yields(operand) || sum.right().yields(operand);
      case Difference difference ->
          difference.left().yields(operand) || difference.right().yields(operand);
      case Between between -> between.least().yields(operand) || between.greatest().yields(operand);
      case Call(Elementary function, List<Formula> arguments) ->
          function.chooses() && arguments.stream().anyMatch(part -> part.yields(operand));
      case Constant _, Product _, Quotient _ -> false;
    };
  }

  /** The range of the result. */
  default Interval over(Ranges ranges) {
    return switch (this) {
      case Constant(double value) -> Interval.of(value);
      case Operand(String name) -> ranges.of(name);
      case Sum(Formula a, Formula b) -> a.over(ranges).plus(b.over(ranges));
      case Difference(Formula a, Formula b) -> a.over(ranges).plus(b.over(ranges).negated());
      case Product(Operand(String a), Operand(String b)) when ranges.same(a, b) ->
          ranges.of(a).power(2);
      case Product(Formula a, Formula b) -> a.over(ranges).times(b.over(ranges));
      case Quotient(Formula a, Formula b) -> a.over(ranges).times(b.over(ranges).reciprocal());
      case Between(Formula a, Formula b) -> a.over(ranges).hull(b.over(ranges));
      case Call(Elementary function, List<Formula> arguments) ->
          function.over(arguments.stream().map(argument -> argument.over(ranges)).toList());
    };
  }

  /** What is known of the operands in one call. */
  interface Ranges {

    /** The range of an operand, or of {@link #COUNT}. */
    Interval of(String operand);

    /** Whether two operands are given the same. */
    boolean same(String left, String right);
  }
}
