package dev.mezzo.processor.model;

import dev.mezzo.annotations.LossScaled.Scaling;

/** The members of {@code @LossScaled}. */
public record LossScaling(
    Scaling scaling,
    float initial,
    float growth,
    float backoff,
    int interval,
    float floor,
    float ceiling,
    int hysteresis) {

  /** The loss is not scaled: {@code @LossScaled(scaling = NONE)}. */
  public static LossScaling none() {
    return new LossScaling(Scaling.NONE, 65536f, 2f, 0.5f, 2000, 1f, 16777216f, 1);
  }
}
