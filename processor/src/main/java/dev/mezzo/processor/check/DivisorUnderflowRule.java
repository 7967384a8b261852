package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.range.Formula;
import dev.mezzo.processor.range.Interval;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A divisor in 16 bits is not one that is known to come close to 0, as a probability, a square or
 * an exponential does: there it is 0, or its reciprocal infinite.
 */
final class DivisorUnderflowRule implements NumericRule {
  /** Reciprocals of smaller numbers exceed FP16. */
  private static final double SMALLEST = 1 / 65504.0;

  @Override
  public Stream<Problem> check(Dataflow function) {
    return function.calls().stream()
        .flatMap(
            call ->
                call.operation().rules().range().stream()
                    .flatMap(Formula::all)
                    .filter(Formula.Quotient.class::isInstance)
                    .map(quotient -> ((Formula.Quotient) quotient).divisor())
                    .flatMap(divisor -> check(function, call, divisor).stream())
                    .limit(1));
  }

  private static Optional<Problem> check(Dataflow function, OperationCall call, Formula divisor) {
    Interval range = divisor.over(function.ranges(call));
    if (!range.isNotNegative() || range.least() >= SMALLEST) {
      return Optional.empty();
    }
    return call.operation().operands().stream()
        .filter(Operand::tensor)
        .map(Operand::name)
        .filter(divisor::mentions)
        .filter(operand -> call.argument(operand).filter(function::isInHalf).isPresent())
        .findFirst()
        .map(
            operand ->
                Catalogue.DIVISOR_MAY_UNDERFLOW.at(
                    call.position(), call.operation().name(), name(function, call, operand)));
  }

  private static String name(Dataflow function, OperationCall call, String operand) {
    return call.argument(operand)
        .flatMap(function::source)
        .map(source -> "the result of '" + source.operation().name() + "'")
        .orElse("'" + operand + "'");
  }
}
