package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.Optional;

/** What is added to keep a number from 0 is not 0 itself. */
final class EpsilonVanishesRule extends ConstantRule {

  @Override
  Optional<Problem> check(OperationCall call, Operand operand, Argument.Plain constant) {
    double value = value(constant);
    return value != 0 && Math.abs(value) <= Dataflow.VANISHING && isResult(call, operand)
        ? Optional.of(
            Catalogue.EPSILON_VANISHES.at(
                constant.position(), (float) value, call.operation().name()))
        : Optional.empty();
  }
}
