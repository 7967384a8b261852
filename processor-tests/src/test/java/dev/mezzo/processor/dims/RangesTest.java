package dev.mezzo.processor.dims;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Ops;
import dev.mezzo.Tensor;
import dev.mezzo.processor.range.Formula;
import dev.mezzo.processor.range.Interval;
import dev.mezzo.types.DType;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What operations say of their results' range against the results, on random operands. */
class RangesTest {
  private static final int TRIES = 40_000;
  private static final int AGREEMENTS = 20;

  static Stream<DeclaredOperation> operations() throws IOException {
    return DeclaredOperation.of(Ops.class).stream()
        .filter(operation -> operation.text("range").isPresent());
  }

  @ParameterizedTest
  @MethodSource("operations")
  void resultsAreInTheRange(DeclaredOperation operation) throws IllegalAccessException {
    HashSet<String> operands = new HashSet<>(operation.operands());
    ShapeRule shape = ShapeRule.parse(operation.text("shape").orElseThrow(), operands);
    Formula formula = Formula.parse(operation.text("range").orElseThrow(), operands);
    Random random = new Random(7);
    int agreements = 0;
    for (int i = 0; i < TRIES && agreements < AGREEMENTS; i++) {
      Trial trial = Trial.draw(operation, shape, random);
      Optional<Tensor> result = trial.run().map(List::getFirst);
      if (result.filter(RangesTest::hasFloats).isPresent()) {
        Interval range = formula.over(new OperandRanges(trial, result.get()));
        for (float value : result.get().toFloats()) {
          double slack = 1e-5 * Math.max(1, Math.abs(value));
          assertTrue(
              Float.isNaN(value)
                  || (range.least() - slack <= value && value <= range.greatest() + slack),
              () -> operation + " of " + trial + " has " + value + ", not in " + range);
        }
        agreements++;
      }
    }
    assertTrue(agreements == AGREEMENTS, "only " + agreements + " random calls were valid");
  }

  private static boolean hasFloats(Tensor tensor) {
    return tensor.dtype() != DType.INT32 && tensor.shape().size() > 0;
  }

  /** The ranges of the operands that a call has been given. */
  private record OperandRanges(Trial trial, Tensor result) implements Formula.Ranges {

    @Override
    public Interval of(String operand) {
      if (operand.equals(Formula.COUNT)) {
        Tensor first =
            (Tensor)
                Stream.of(trial.arguments())
                    .filter(Tensor.class::isInstance)
                    .findFirst()
                    .orElseThrow();
        return Interval.of((double) first.shape().size() / result.shape().size());
      }
      return switch (trial.arguments()[trial.operation().operands().indexOf(operand)]) {
        case Tensor tensor -> hasFloats(tensor) ? range(tensor.toFloats()) : Interval.ANY;
        case Number number -> Interval.of(number.doubleValue());
        default -> Interval.ANY;
      };
    }

    @Override
    public boolean same(String left, String right) {
      return left.equals(right);
    }

    private static Interval range(float[] values) {
      return values.length == 0
          ? Interval.ANY
          : new Interval(
              IntStream.range(0, values.length).mapToDouble(i -> values[i]).min().getAsDouble(),
              IntStream.range(0, values.length).mapToDouble(i -> values[i]).max().getAsDouble());
    }
  }
}
