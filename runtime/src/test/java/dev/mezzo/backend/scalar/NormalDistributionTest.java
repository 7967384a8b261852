package dev.mezzo.backend.scalar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against values of mpmath's {@code ncdf} to 17 digits. */
class NormalDistributionTest {

  @ParameterizedTest
  @CsvSource({
    "-20, 2.7536241186062337e-89",
    "-10, 7.6198530241605261e-24",
    "-5, 2.8665157187919391e-7",
    "-3.5, 0.00023262907903552504",
    "-3, 0.0013498980316300945",
    "-2.5, 0.0062096653257761352",
    "-1, 0.15865525393145705",
    "-0.125, 0.45026177516988711",
    "0.125, 0.54973822483011289",
    "1, 0.84134474606854295",
    "2.5, 0.99379033467422386",
    "3.5, 0.99976737092096447",
    "8, 0.99999999999999938"
  })
  void isRightToThirteenDigits(double x, double expected) {
    assertEquals(expected, NormalDistribution.cumulative(x), 1e-13 * expected);
  }

  @Test
  void keepsItsLimits() {
    assertEquals(0, NormalDistribution.cumulative(Double.NEGATIVE_INFINITY));
    assertEquals(1, NormalDistribution.cumulative(Double.POSITIVE_INFINITY));
    assertEquals(0.5, NormalDistribution.cumulative(0));
    assertTrue(Double.isNaN(NormalDistribution.cumulative(Double.NaN)));
  }

  @Test
  void increasesWhereTheFormulasMeet() {
    for (double border : new double[] {-3, 3}) {
      double below = NormalDistribution.cumulative(Math.nextDown(border));
      double above = NormalDistribution.cumulative(Math.nextUp(border));
      assertEquals(below, above, 3e-13 * above);
    }
  }
}
