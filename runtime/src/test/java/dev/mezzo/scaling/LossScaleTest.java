package dev.mezzo.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LossScaleTest {

  private static final LossScale SMALL = new LossScale(8f, 2f, 0.5f, 3, 1f, 32f, 1, 0, 0);

  @Test
  void growsAfterTheIntervalOfGoodStepsInARow() {
    assertEquals(8f, after(SMALL, "gg").scale());
    assertEquals(16f, after(SMALL, "ggg").scale());
    assertEquals(16f, after(SMALL, "ggggg").scale());
    assertEquals(32f, after(SMALL, "gggggg").scale());
  }

  @Test
  void anOverflowHalvesAndEndsTheRow() {
    assertEquals(4f, after(SMALL, "o").scale());
    assertEquals(4f, after(SMALL, "ggo").scale());
    assertEquals(4f, after(SMALL, "ggogg").scale());
    assertEquals(8f, after(SMALL, "ggoggg").scale());
  }

  @Test
  void staysBetweenFloorAndCeiling() {
    assertEquals(1f, after(SMALL, "oooooo").scale());
    assertEquals(2f, after(SMALL, "ooooooggg").scale());
    assertEquals(32f, after(SMALL, "ggggggggggggggg").scale());
  }

  @Test
  void hysteresisToleratesOverflowsUntilTheScaleGrowsAgain() {
    LossScale tolerant = new LossScale(8f, 2f, 0.5f, 3, 1f, 32f, 3, 0, 0);
    assertEquals(8f, after(tolerant, "oo").scale());
    assertEquals(4f, after(tolerant, "ooo").scale());
    assertEquals(2f, after(tolerant, "oooo").scale());
    assertEquals(8f, after(tolerant, "ogog").scale(), "good steps alone restore no tolerance");
    assertEquals(4f, after(tolerant, "ogogo").scale());
    assertEquals(16f, after(tolerant, "oogggoo").scale(), "a growth does");
    assertEquals(8f, after(tolerant, "oogggooo").scale());
  }

  @Test
  void noneAndFixedNeverChange() {
    assertEquals(1f, after(LossScale.none(), "gogogo").scale());
    assertEquals(128f, after(LossScale.fixed(128f), "ggoooggg").scale());
  }

  @Test
  void theDefaultIsThePapers() {
    LossScale dynamic = LossScale.dynamic();
    assertEquals(65536f, dynamic.scale());
    assertEquals(131072f, after(dynamic, "g".repeat(2000)).scale());
    assertEquals(65536f, after(dynamic, "g".repeat(1999)).scale());
    assertEquals(1f, after(dynamic, "o".repeat(40)).scale());
  }

  @Test
  void badSettingsSayWhichAndWhat() {
    refused("scale must be positive and finite, but is 0.0", 0f, 2f, 0.5f, 3, 1f, 32f, 1);
    refused("scale must be positive and finite", Float.NaN, 2f, 0.5f, 3, 1f, 32f, 1);
    refused("growth must be at least 1, but is 0.5", 8f, 0.5f, 0.5f, 3, 1f, 32f, 1);
    refused("backoff must be in (0, 1]", 8f, 2f, 1.5f, 3, 1f, 32f, 1);
    refused("interval must be at least 1", 8f, 2f, 0.5f, 0, 1f, 32f, 1);
    refused("floor must be positive and at most the scale", 8f, 2f, 0.5f, 3, 9f, 32f, 1);
    refused("ceiling must be finite and at least the scale", 8f, 2f, 0.5f, 3, 1f, 4f, 1);
    refused("hysteresis must be at least 1", 8f, 2f, 0.5f, 3, 1f, 32f, 0);
  }

  @Property
  void everyStateObeysTheRules(
      @ForAll List<Boolean> finite, @ForAll @IntRange(min = 1, max = 4) int hysteresis) {
    LossScale state = new LossScale(8f, 2f, 0.5f, 3, 1f, 32f, hysteresis, 0, 0);
    for (boolean good : finite) {
      LossScale next = state.next(good);
      assertTrue(next.scale() >= 1f && next.scale() <= 32f);
      assertTrue(good ? next.scale() >= state.scale() : next.scale() <= state.scale());
      assertTrue(next.goodSteps() < 3 && next.overflows() <= hysteresis);
      state = next;
    }
  }

  /** The state after good steps (g) and overflows (o). */
  private static LossScale after(LossScale start, String steps) {
    LossScale state = start;
    for (int i = 0; i < steps.length(); i++) {
      state = state.next(steps.charAt(i) == 'g');
    }
    return state;
  }

  private static void refused(
      String message,
      float scale,
      float growth,
      float backoff,
      int interval,
      float floor,
      float ceiling,
      int hysteresis) {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new LossScale(scale, growth, backoff, interval, floor, ceiling, hysteresis, 0, 0));
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }
}
