package dev.mezzo.processor.check;

import dev.mezzo.processor.check.Dataflow.OperationCall;
import dev.mezzo.processor.model.Argument;
import dev.mezzo.processor.model.OperationModel.Operand;
import dev.mezzo.processor.options.Format;
import dev.mezzo.processor.problem.Catalogue;
import dev.mezzo.processor.problem.Problem;
import java.util.Optional;

/**
 * A constant that may be the result is a number in a 16-bit format, nearly. Hardly any decimal
 * fraction is one exactly, and in FP32 neither; so fractions may be 1 in 100 off, but whole
 * numbers, which are meant exactly, not at all.
 */
final class LiteralNotRepresentableRule extends ConstantRule {
  private static final double TOLERANCE = 0.01;

  private final Format format;

  /** In a format. */
  LiteralNotRepresentableRule(Format format) {
    this.format = format;
  }

  @Override
  Optional<Problem> check(OperationCall call, Operand operand, Argument.Plain constant) {
    double value = value(constant);
    float nearest = nearest(value);
    return isInRange(Math.abs(value)) && isResult(call, operand) && isOff(value, nearest)
        ? Optional.of(
            Catalogue.LITERAL_NOT_REPRESENTABLE.at(
                constant.position(), (float) value, call.operation().name(), nearest))
        : Optional.empty();
  }

  /** BF16 has the range of FP32. */
  private boolean isInRange(double magnitude) {
    return switch (format) {
      case FP16 -> magnitude > Dataflow.VANISHING && magnitude <= LARGEST;
      case BF16 -> magnitude <= Float.MAX_VALUE;
    };
  }

  private float nearest(double value) {
    return switch (format) {
      case FP16 -> half(value);
      case BF16 -> {
        int bits = Float.floatToRawIntBits((float) value);
        int even = bits >>> 16 & 1; // ties go to the even one
        yield Float.intBitsToFloat(bits + 0x7FFF + even & 0xFFFF0000);
      }
    };
  }

  private static boolean isOff(double value, double nearest) {
    double error = Math.abs(nearest - value);
    boolean whole = value == Math.rint(value);
    return whole ? error > 0 : error > TOLERANCE * Math.abs(value);
  }
}
