package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.problem.Problem;
import dev.mezzo.processor.range.Formula;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A rule on the constants that operations in 16 bits are given. */
abstract class ConstantRule implements NumericRule {
  /** The largest FP16 number. */
  static final double LARGEST = 65504;

  private static final Set<String> FLOATS =
      Set.of("float", "double", "java.lang.Float", "java.lang.Double");

  @Override
  public final Stream<Problem> check(Dataflow function) {
    return function.calls().stream().filter(function::computesInHalf).flatMap(this::check);
  }

  private Stream<Problem> check(OperationCall call) {
    return IntStream.range(0, call.arguments().size())
        .filter(i -> FLOATS.contains(call.operation().operands().get(i).type()))
        .boxed()
        .flatMap(
            i ->
                call.arguments().get(i) instanceof Argument.Plain plain
                        && plain.constant().isPresent()
                    ? check(call, call.operation().operands().get(i), plain).stream()
                    : Stream.empty());
  }

  /** The problem of one constant, if there is one. */
  abstract Optional<Problem> check(OperationCall call, Operand operand, Argument.Plain constant);

  /** Whether the constant may itself be the result: it is added, or a bound. */
  static boolean isResult(OperationCall call, Operand operand) {
    return formula(call).filter(formula -> formula.yields(operand.name())).isPresent();
  }

  /** Whether the operation says that its result depends on the constant, or says nothing. */
  static boolean matters(OperationCall call, Operand operand) {
    return formula(call).isEmpty() || isComputedWith(call, operand);
  }

  /** Whether the operation says that its result depends on the constant. */
  static boolean isComputedWith(OperationCall call, Operand operand) {
    return formula(call).filter(formula -> formula.mentions(operand.name())).isPresent();
  }

  static double value(Argument.Plain constant) {
    return constant.constant().orElseThrow();
  }

  /** The nearest FP16 number. */
  static float half(double value) {
    return Float.float16ToFloat(Float.floatToFloat16((float) value));
  }

  private static Optional<Formula> formula(OperationCall call) {
    return call.operation().rules().range();
  }
}
