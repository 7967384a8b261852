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
    int hysteresis) {}
