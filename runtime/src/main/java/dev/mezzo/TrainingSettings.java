package dev.mezzo;

import dev.mezzo.optim.Optimizer;
import dev.mezzo.scaling.LossScale;
import org.jspecify.annotations.Nullable;

/**
 * How a model is trained.
 *
 * @param optimizer of all weights without a rule of their own
 * @param rules of each weight
 * @param device where; null for where the parameters are
 * @param clipNorm the greatest norm of all gradients together, unscaled; infinite for any
 * @param masterWeights whether weights have an FP32 master copy
 * @param maxSkips skipped steps in a row that end the training
 * @param traceOverflows whether a step that is skipped is run again, to name its first value that
 *     is not finite
 * @param statisticsEvery after how many steps one is looked at; 0 for none
 */
public record TrainingSettings(
    Optimizer optimizer,
    WeightRules rules,
    HalfFormat half,
    @Nullable Device device,
    LossScale lossScale,
    float clipNorm,
    boolean masterWeights,
    long seed,
    int maxSkips,
    boolean traceOverflows,
    int statisticsEvery) {}
