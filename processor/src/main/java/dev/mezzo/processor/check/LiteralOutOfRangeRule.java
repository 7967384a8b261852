package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.Optional;

/**
 * A constant that an operation in 16 bits is given is a number there. One that only kernels see, as
 * a norm's epsilon, is FP32 there, and may be small.
 */
final class LiteralOutOfRangeRule extends ConstantRule {
  /** The smallest positive FP16 number. */
  private static final double SMALLEST = 0x1p-24;

  @Override
  Optional<Problem> check(OperationCall call, Operand operand, Argument.Plain constant) {
    double value = value(constant);
    double magnitude = Math.abs(value);
    boolean vanishes =
        magnitude > 0
            && magnitude < SMALLEST
            && !isResult(call, operand)
            && isComputedWith(call, operand);
    return matters(call, operand) && (magnitude > LARGEST || vanishes)
        ? Optional.of(
            Catalogue.LITERAL_OUT_OF_RANGE.at(
                constant.position(), (float) value, call.operation().name(), half(value)))
        : Optional.empty();
  }
}
