package dev.mezzo.examples.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Tensor;
import org.junit.jupiter.api.Test;

class GanTest {

  private static final int POINTS = 256;

  @Test
  void theGeneratorLearnsFromADiscriminatorThatLearnsToo() {
    Gan gan = new Gan(1);
    double[] before = center(gan);
    assertTrue(Math.hypot(before[0] - 2, before[1] + 1) > 1.5, before[0] + " " + before[1]);
    gan.train(400);
    double[] after = center(gan);
    assertEquals(2, after[0], 0.5);
    assertEquals(-1, after[1], 0.5);
  }

  private static double[] center(Gan gan) {
    double[] sum = new double[2];
    try (Tensor points = gan.sample(POINTS)) {
      float[] values = points.toFloats();
      for (int i = 0; i < values.length; i++) {
        sum[i % 2] += values[i] / POINTS;
      }
    }
    return sum;
  }
}
