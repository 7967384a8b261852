package dev.mezzo.processor.range;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.processor.syntax.SyntaxException;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Formulas over intervals. */
class FormulaTest {
  private static final Set<String> OPERANDS = Set.of("a", "b");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a + b | -2 | 6",
        "a - b | -7 | 1",
        "a * b | -12 | 8",
        "max(a, 0) | 0 | 2",
        "min(a, 1) - 1 | -4 | 0",
        "0..1 | 0 | 1",
        "-1..1 | -1 | 1",
        "abs(a) | 0 | 3",
        "pow(a, 2) | 0 | 9",
        "pow(a, 3) | -27 | 8",
        "b / (b + 1) | 0.2 | 2",
        "-0.17..max(a, 0) | -0.17 | 2",
        "sqrt(b * 4) | 2 | 4",
        "2 * (a + 3) | 0 | 10",
        "1e-3 * b | 0.001 | 0.004",
      })
  void isEvaluatedOverIntervals(String formula, double least, double greatest) {
    Interval range = over(formula, Map.of("a", new Interval(-3, 2), "b", new Interval(1, 4)));
    assertEquals(least, range.least(), 1e-12);
    assertEquals(greatest, range.greatest(), 1e-12);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "exp(a) | 0 | Infinity",
        "max(a, 0) | 0 | Infinity",
        "pow(a, 2) | 0 | Infinity",
        "a + 1 | -Infinity | Infinity",
        "0 * a | 0 | 0",
        "1 / exp(a) | 0 | Infinity",
        "1 / (1 + exp(a)) | 0 | 1",
      })
  void unknownOperandsBoundNothing(String formula, double least, double greatest) {
    assertEquals(new Interval(least, greatest), over(formula, Map.of()));
  }

  @Test
  void productOfTheSameIsASquare() {
    Formula.Ranges same = ranges(Map.of("a", new Interval(-3, 2), "b", new Interval(-3, 2)), true);
    assertEquals(new Interval(0, 9), Formula.parse("a * b", OPERANDS).over(same));
  }

  @Property(tries = 200)
  void intervalHoldsEveryValue(
      @ForAll @DoubleRange(min = -4, max = 4) double a,
      @ForAll @DoubleRange(min = 0, max = 2) double width,
      @ForAll @DoubleRange(min = 0, max = 1) double at) {
    Interval operand = new Interval(a, a + width);
    double x = a + at * width;
    holds("a * a - 3 * a", operand, x * x - 3 * x);
    holds("exp(a) / (1 + exp(a))", operand, Math.exp(x) / (1 + Math.exp(x)));
    holds("pow(abs(a), 1.5)", operand, Math.pow(Math.abs(x), 1.5));
    holds("min(max(a, -1), 1)", operand, Math.min(Math.max(x, -1), 1));
    if (x != 0) {
      holds("1 / a", operand, 1 / x);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a + b", "b - a", "min(max(b, a), 1)", "0..a", "2 * b + a"})
  void yieldsWhatMayBeTheResult(String formula) {
    assertTrue(Formula.parse(formula, OPERANDS).yields("a"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"b", "a * b", "b / a", "exp(a)", "2 * a + b", "pow(b, a)"})
  void doesNotYieldWhatIsAFactorOrArgument(String formula) {
    assertTrue(!Formula.parse(formula, OPERANDS).yields("a"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a + c | 'c' where a number, a function or an operand (",
        "sinh(a) | 'sinh' where one of abs, exp",
        "max(a) | ')' where ',' must be",
        "a b | 'b' where the end must be",
        "a + | its end where",
      })
  void whatIsNoFormulaIsToldWhere(String text, String message) {
    SyntaxException flaw = assertThrows(SyntaxException.class, () -> Formula.parse(text, OPERANDS));
    assertTrue(flaw.flaw().contains(message), flaw.flaw());
  }

  private static void holds(String formula, Interval operand, double value) {
    Interval range = over(formula, Map.of("a", operand));
    double slack = 1e-9 * Math.max(1, Math.abs(value));
    assertTrue(
        range.least() - slack <= value && value <= range.greatest() + slack,
        () -> formula + " over " + operand + " is " + range + ", not " + value);
  }

  private static Interval over(String formula, Map<String, Interval> operands) {
    return Formula.parse(formula, OPERANDS).over(ranges(operands, false));
  }

  private static Formula.Ranges ranges(Map<String, Interval> operands, boolean same) {
    return new Formula.Ranges() {
      @Override
      public Interval of(String operand) {
        return operands.getOrDefault(operand, Interval.ANY);
      }

      @Override
      public boolean same(String left, String right) {
        return same || left.equals(right);
      }
    };
  }
}
