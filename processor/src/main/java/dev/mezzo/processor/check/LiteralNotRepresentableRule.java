package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.Optional;

/**
 * A constant that may be the result is a number in 16 bits, nearly. Hardly any decimal fraction is
 * one exactly, and in FP32 neither; so fractions may be 1 in 100 off, but whole numbers, which are
 * meant exactly, not at all.
 */
final class LiteralNotRepresentableRule extends ConstantRule {
  private static final double TOLERANCE = 0.01;

  @Override
  Optional<Problem> check(OperationCall call, Operand operand, Argument.Plain constant) {
    double value = value(constant);
    double magnitude = Math.abs(value);
    boolean inRange = magnitude > Dataflow.VANISHING && magnitude <= LARGEST;
    return inRange && isResult(call, operand) && isOff(value, half(value))
        ? Optional.of(
            Catalogue.LITERAL_NOT_REPRESENTABLE.at(
                constant.position(), (float) value, call.operation().name(), half(value)))
        : Optional.empty();
  }

  private static boolean isOff(double value, double nearest) {
    double error = Math.abs(nearest - value);
    boolean whole = value == Math.rint(value);
    return whole ? error > 0 : error > TOLERANCE * Math.abs(value);
  }
}
