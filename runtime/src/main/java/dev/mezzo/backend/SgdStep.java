package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * One weight's SGD update: {@code g = gradient·factor + weightDecay·w; v = momentum·v + g; w −=
 * rate·(nesterov ? g + momentum·v : v)}, in FP32; then the shadow is w rounded.
 *
 * @param control steers the step
 * @param gradient scaled, any float type
 * @param velocity FP32, zero before the first step; null where momentum is 0
 * @param master the weight that is updated: FP32, or a 16-bit type where there is no master copy
 * @param shadow 16-bit copy of the master, rewritten; null for none
 */
public record SgdStep(
    StepControl control,
    Operand gradient,
    @Nullable Operand velocity,
    Operand master,
    @Nullable Operand shadow,
    float momentum,
    boolean nesterov,
    float weightDecay) {}
