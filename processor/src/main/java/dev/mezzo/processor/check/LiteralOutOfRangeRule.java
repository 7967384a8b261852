package dev.mezzo.processor.check;

import dev.mezzo.annotations.MixedForm.Precision;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.Call;
import dev.mezzo.processor.model.FunctionModel;
import dev.mezzo.processor.model.OperationModel;
import dev.mezzo.processor.model.Statement;
import dev.mezzo.processor.model.Value;
import dev.mezzo.processor.plan.PrecisionPlan;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A constant that an operation in 16 bits is given is a number there. */
final class LiteralOutOfRangeRule {
  /** The largest FP16 number. */
  private static final double LARGEST = 65504;

  /** The smallest positive FP16 number. */
  private static final double SMALLEST = 0x1p-24;

  private static final Set<String> FLOATS =
      Set.of("float", "double", "java.lang.Float", "java.lang.Double");

  private LiteralOutOfRangeRule() {}

  static Stream<Problem> check(FunctionModel function, PrecisionPlan.OfFunction plan) {
    return function.body().statements().stream()
        .flatMap(
            statement ->
                statement instanceof Statement.Apply(Value result, Call.OfOperation call, var _)
                        && plan.of(result) == Precision.HALF
                    ? check(call.operation(), call.arguments())
                    : Stream.empty());
  }

  private static Stream<Problem> check(OperationModel operation, List<Argument> arguments) {
    return IntStream.range(0, arguments.size())
        .filter(i -> FLOATS.contains(operation.operands().get(i).type()))
        .mapToObj(arguments::get)
        .filter(Argument.Plain.class::isInstance)
        .map(Argument.Plain.class::cast)
        .filter(plain -> plain.constant().stream().anyMatch(LiteralOutOfRangeRule::isOutOfRange))
        .map(
            plain ->
                Catalogue.LITERAL_OUT_OF_RANGE.at(
                    plain.position(),
                    (float) plain.constant().orElseThrow(),
                    operation.name(),
                    half(plain.constant().orElseThrow())));
  }

  private static boolean isOutOfRange(double value) {
    double magnitude = Math.abs(value);
    return magnitude > LARGEST || (magnitude > 0 && magnitude < SMALLEST);
  }

  private static float half(double value) {
    return Float.float16ToFloat(Float.floatToFloat16((float) value));
  }
}
