package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.range.Elementary;
import dev.mezzo.processor.range.Formula;
import dev.mezzo.processor.range.Interval;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is in 16 bits stays below 65504: results whose bound is known, and those of operations that
 * grow fast (an exponential, a power, the square of a sum) where nothing bounds their operand.
 */
final class OverflowRule implements NumericRule {
  private static final double LARGEST = 65504;

  @Override
  public Stream<Problem> check(Dataflow function) {
    return function.calls().stream()
        .filter(call -> function.isInHalf(call.result()))
        .flatMap(
            call ->
                found(function, call).stream()
                    .map(
                        found ->
                            Catalogue.MAY_OVERFLOW.at(
                                call.position(), call.operation().name(), found)));
  }

  private static Optional<String> found(Dataflow function, OperationCall call) {
    Optional<Formula> formula = call.operation().rules().range();
    if (formula.isEmpty()) {
      return Optional.empty();
    }
    Interval range = function.range(call.result());
    if (Double.isInfinite(range.magnitude())) {
      return growth(function, call, formula.get());
    }
    boolean before =
        call.arguments().stream()
            .filter(Argument.OfValue.class::isInstance)
            .anyMatch(
                argument ->
                    function.isInHalf(argument)
                        && isTooLarge(function.range(argument).magnitude()));
    return isTooLarge(range.magnitude()) && !before
        ? Optional.of("may reach " + text(range.magnitude()))
        : Optional.empty();
  }

  private static boolean isTooLarge(double magnitude) {
    return magnitude > LARGEST && Double.isFinite(magnitude);
  }

  /** What makes an unbounded result likely to be large. */
  private static Optional<String> growth(Dataflow function, OperationCall call, Formula formula) {
    return switch (formula) {
      case Formula.Call(Elementary exp, List<Formula> of) when exp == Elementary.EXP ->
          isUnbounded(function, call, of.getFirst())
              ? Optional.of("exceeds it where its operand exceeds " + text(Math.log(LARGEST)))
              : Optional.empty();
      case Formula.Call(Elementary power, List<Formula> of) when power == Elementary.POW ->
          power(function, call, of.getFirst(), of.getLast());
      case Formula.Product(Formula.Operand(String a), Formula.Operand(String b))
          when function.ranges(call).same(a, b) ->
          square(function, call, a);
      case Formula.Sum(Formula a, Formula b) -> either(function, call, a, b);
      case Formula.Difference(Formula a, Formula b) -> either(function, call, a, b);
      case Formula.Product(Formula a, Formula b) -> either(function, call, a, b);
      case Formula.Quotient(Formula a, Formula b) -> growth(function, call, a);
      case Formula.Constant _, Formula.Operand _, Formula.Between _, Formula.Call _ ->
          Optional.empty();
    };
  }

  private static Optional<String> either(
      Dataflow function, OperationCall call, Formula a, Formula b) {
    return growth(function, call, a).or(() -> growth(function, call, b));
  }

  private static Optional<String> power(
      Dataflow function, OperationCall call, Formula base, Formula exponent) {
    Interval power = exponent.over(function.ranges(call));
    if (!isUnbounded(function, call, base) || power.greatest() <= 1) {
      return Optional.empty();
    }
    if (power.greatest() == 2) {
      return base instanceof Formula.Operand(String name)
          ? square(function, call, name)
          : Optional.empty();
    }
    return Optional.of(
        Double.isFinite(power.greatest())
            ? "exceeds it where its operand exceeds "
                + text(Math.pow(LARGEST, 1 / power.greatest()))
            : "soon exceeds it as its operand grows");
  }

  /** Squares are common and harmless; that of a sum is not. */
  private static Optional<String> square(Dataflow function, OperationCall call, String operand) {
    boolean ofSum =
        call.argument(operand)
            .flatMap(function::source)
            .flatMap(source -> source.operation().rules().range())
            .filter(formula -> formula.mentions(Formula.COUNT))
            .isPresent();
    return ofSum
        ? Optional.of("is the square of a sum, which exceeds it where the sum exceeds 255.9")
        : Optional.empty();
  }

  private static boolean isUnbounded(Dataflow function, OperationCall call, Formula operand) {
    return Double.isInfinite(operand.over(function.ranges(call)).greatest());
  }

  private static String text(double number) {
    return number < 1000
        ? String.format(Locale.ROOT, "%.4g", number)
        : Long.toString((long) Math.ceil(number));
  }
}
