package dev.mezzo.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ScheduleTest {

  @Test
  void constantStays() {
    Schedule schedule = Schedule.constant(0.1f);
    assertEquals(0.1f, schedule.rate(0));
    assertEquals(0.1f, schedule.rate(1L << 40));
  }

  @Test
  void stepFallsAfterEverySoManySteps() {
    Schedule schedule = Schedule.step(0.8f, 0.5f, 3);
    float[] expected = {0.8f, 0.8f, 0.8f, 0.4f, 0.4f, 0.4f, 0.2f};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], schedule.rate(i), "after " + i);
    }
  }

  @Test
  void cosineGoesFromRateToLastAndStays() {
    Schedule schedule = Schedule.cosine(1f, 0.2f, 4);
    assertEquals(1f, schedule.rate(0));
    assertEquals(0.2f + 0.8f * (1 + Math.sqrt(0.5)) / 2, schedule.rate(1), 1e-7);
    assertEquals(0.6f, schedule.rate(2), 1e-7);
    assertEquals(0.2f, schedule.rate(4));
    assertEquals(0.2f, schedule.rate(1000));
  }

  @Test
  void warmUpRisesToTheFirstRateAndGoesOnFromTheBeginning() {
    Schedule schedule = Schedule.warmUp(4, Schedule.step(1f, 0.5f, 2));
    float[] expected = {0.25f, 0.5f, 0.75f, 1f, 1f, 1f, 0.5f, 0.5f, 0.25f};
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], schedule.rate(i), "after " + i);
    }
  }

  @Test
  void badSettingsSayWhichAndWhat() {
    refused("rate must be finite and not negative, but is -0.1", () -> Schedule.constant(-0.1f));
    refused("rate must be finite", () -> Schedule.constant(Float.NaN));
    refused("factor must be in (0, 1], but is 1.5", () -> Schedule.step(1f, 1.5f, 10));
    refused("every must be at least 1, but is 0", () -> Schedule.step(1f, 0.5f, 0));
    refused("last must be finite", () -> Schedule.cosine(1f, -1f, 10));
    refused("steps must be at least 1, but is 0", () -> Schedule.cosine(1f, 0f, 0));
    refused("steps must be at least 1", () -> Schedule.warmUp(0, Schedule.constant(1f)));
    refused("rate must be finite", () -> Sgd.of(Float.POSITIVE_INFINITY));
    refused("momentum must be in [0, 1), but is 1.0", () -> Sgd.of(1f).withMomentum(1f));
    refused("weight decay must be", () -> Sgd.of(1f).withWeightDecay(-1f));
    refused("call withMomentum first", () -> Sgd.of(1f).withNesterov());
    refused("beta2 must be in [0, 1)", () -> AdamW.of(1f).withBetas(0.9f, 1f));
    refused("epsilon must be", () -> AdamW.of(1f).withEpsilon(-1f));
  }

  private static void refused(String message, Runnable setting) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, setting::run);
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
