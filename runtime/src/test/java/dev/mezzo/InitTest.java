package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.types.Shape;
import dev.mezzo.types.ShapeException;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Initial values are of the distribution that their name says, and a function of the seed. */
class InitTest {

  private static final Shape MATRIX = Shape.of(200, 300);
  private static final Shape KERNEL = Shape.of(64, 3, 5, 32);
  private static final double FAN_IN = 32 * 15;
  private static final double FAN_OUT = 64 * 15;

  /**
   * Of n samples the mean is within 5σ/√n, and the variance within 5·σ²·√(2/n) of a normal
   * distribution's, less for a flatter one.
   */
  @Test
  void varianceIsOfTheFormula() {
    assertMoments(Init.uniform(0.5f), MATRIX, 0.25 / 3);
    assertMoments(Init.normal(0.3f), MATRIX, 0.09);
    assertMoments(Init.truncatedNormal(0.02f), MATRIX, 0.02 * 0.02 * 0.7737413); // of a cut at 2σ
    assertMoments(Init.kaimingUniform(), MATRIX, 2.0 / 300);
    assertMoments(Init.kaimingNormal(), MATRIX, 2.0 / 300);
    assertMoments(Init.xavierUniform(), MATRIX, 2.0 / 500);
    assertMoments(Init.xavierNormal(), MATRIX, 2.0 / 500);
    assertMoments(Init.kaimingUniform(), KERNEL, 2 / FAN_IN);
    assertMoments(Init.kaimingNormal(), KERNEL, 2 / FAN_IN);
    assertMoments(Init.xavierUniform(), KERNEL, 2 / (FAN_IN + FAN_OUT));
    assertMoments(Init.xavierNormal(), KERNEL, 2 / (FAN_IN + FAN_OUT));
    assertMoments(Init.orthogonal(1), MATRIX, 1.0 / 300);
  }

  /** The share of values in each quarter of the distribution, within 5·√(p·(1 − p)/n). */
  @Test
  void shapeIsOfTheDistribution() {
    assertQuarters(Init.uniform(1), 0.5);
    assertQuarters(Init.normal(1), 0.6744898);
    assertQuarters(Init.truncatedNormal(1), 0.6391119);
  }

  @Test
  void truncatedNormalEndsAtTwoDeviations() {
    for (float value : Init.truncatedNormal(0.5f).values(MATRIX, new Random(1))) {
      assertTrue(Math.abs(value) <= 1, () -> value + "");
    }
  }

  @Test
  void uniformStaysInItsBounds() {
    double bound = Math.sqrt(6.0 / 300);
    for (float value : Init.kaimingUniform().values(MATRIX, new Random(1))) {
      assertTrue(value >= -bound * 1.0001 && value < bound * 1.0001, () -> value + "");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"17,40", "40,17", "16,16", "1,5", "5,1", "4,3,3,2"})
  void orthogonalVectorsAreOrthonormal(String dims) {
    Shape shape = Shape.of(ParityCase.ints(dims));
    int rows = shape.dim(0);
    int cols = (int) shape.size() / rows;
    float[] values = Init.orthogonal(2).values(shape, new Random(3));
    boolean wide = rows <= cols;
    int count = Math.min(rows, cols);
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        double dot = 0;
        for (int k = 0; k < Math.max(rows, cols); k++) {
          dot +=
              wide
                  ? values[i * cols + k] * values[j * cols + k]
                  : values[k * cols + i] * values[k * cols + j];
        }
        assertEquals(i == j ? 4 : 0, dot, 1e-5, i + ", " + j); // gain²; FP32's rounding of 40 terms
      }
    }
  }

  @Test
  void constants() {
    assertArrayEquals(new float[] {0, 0}, Init.zeros().values(Shape.of(2), new Random()));
    assertArrayEquals(new float[] {1, 1}, Init.ones().values(Shape.of(2), new Random()));
    assertArrayEquals(new float[] {3, 3}, Init.constant(3).values(Shape.of(2), new Random()));
  }

  @Test
  void aSeedGivesTheSameParameter() {
    Map.of(
            "uniform", Init.uniform(1),
            "normal", Init.normal(1),
            "truncatedNormal", Init.truncatedNormal(1),
            "kaimingUniform", Init.kaimingUniform(),
            "xavierNormal", Init.xavierNormal(),
            "orthogonal", Init.orthogonal(1))
        .forEach(
            (name, init) -> {
              Shape shape = Shape.of(7, 5);
              try (Parameter first = Parameter.of(shape, init, new Random(9));
                  Parameter second = Parameter.of(shape, init, new Random(9));
                  Parameter other = Parameter.of(shape, init, new Random(10))) {
                assertArrayEquals(first.toFloats(), second.toFloats(), name);
                assertTrue(!java.util.Arrays.equals(first.toFloats(), other.toFloats()), name);
              }
            });
  }

  @Test
  void aVectorHasNoFanIn() {
    Shape vector = Shape.of(5);
    for (Init init : new Init[] {Init.kaimingNormal(), Init.xavierUniform(), Init.orthogonal(1)}) {
      assertThrows(ShapeException.class, () -> init.values(vector, new Random()));
    }
  }

  private static void assertMoments(Init init, Shape shape, double variance) {
    float[] values = init.values(shape, new Random(5));
    double sum = 0;
    double squares = 0;
    for (float value : values) {
      sum += value;
      squares += (double) value * value;
    }
    int n = values.length;
    assertEquals(0, sum / n, 5 * Math.sqrt(variance / n));
    assertEquals(variance, squares / n, 5 * variance * Math.sqrt(2.0 / n));
  }

  /** Half of the values lie within ±quartile, a quarter above and below. */
  private static void assertQuarters(Init init, double quartile) {
    float[] values = init.values(MATRIX, new Random(6));
    int within = 0;
    int above = 0;
    for (float value : values) {
      within += Math.abs(value) < quartile ? 1 : 0;
      above += value >= quartile ? 1 : 0;
    }
    assertEquals(0.5, (double) within / values.length, 5 * Math.sqrt(0.25 / values.length));
    assertEquals(0.25, (double) above / values.length, 5 * Math.sqrt(0.1875 / values.length));
  }
}
