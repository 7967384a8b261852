package dev.mezzo.backend;

import org.jspecify.annotations.Nullable;

/**
 * One weight's AdamW update: {@code g = gradient·factor; m = β₁m + (1−β₁)g; v = β₂v + (1−β₂)g²; w
 * −= rate·(m̂/(√v̂ + ε) + weightDecay·w)} with m̂ = m/(1−β₁ᵗ), v̂ = v/(1−β₂ᵗ), t = applied steps,
 * in FP32; then the shadow is w rounded.
 *
 * @param control steers the step
 * @param gradient scaled, any float type
 * @param mean m, FP32, zero before the first step
 * @param variance v, FP32, zero before the first step
 * @param master the weight that is updated: FP32, or a 16-bit type where there is no master copy
 * @param shadow 16-bit copy of the master, rewritten; null for none
 * @see <a href="https://arxiv.org/abs/1711.05101">Loshchilov and Hutter, Decoupled Weight Decay
 *     Regularization, algorithm 2</a>
 */
public record AdamWStep(
    StepControl control,
    Operand gradient,
    Operand mean,
    Operand variance,
    Operand master,
    @Nullable Operand shadow,
    float beta1,
    float beta2,
    float epsilon,
    float weightDecay) {}
