package dev.mezzo.examples.training;

import dev.mezzo.Training;
import dev.mezzo.TrainingBuilder;
import dev.mezzo.optim.Optimizer;

/**
 * How a model is trained, whatever the model.
 *
 * @param optimizer its schedule counts applied steps
 * @param clipNorm the greatest norm of all gradients together; infinite for any
 * @param seed of dropout
 * @param statisticsEvery after how many steps one is looked at; 0 for none
 */
public record Recipe(
    TrainingForm form, Optimizer optimizer, float clipNorm, long seed, int statisticsEvery) {

  /** Without statistics. */
  public Recipe(TrainingForm form, Optimizer optimizer, float clipNorm, long seed) {
    this(form, optimizer, clipNorm, seed, 0);
  }

  /** Without clipping, seed 0. */
  public Recipe(TrainingForm form, Optimizer optimizer) {
    this(form, optimizer, Float.POSITIVE_INFINITY, 0);
  }

  /** The same, with every Nth step looked at; 0 for none. */
  public Recipe withStatistics(int everySteps) {
    return new Recipe(form, optimizer, clipNorm, seed, everySteps);
  }

  /** Opens a training in this way. */
  public <T extends Training> T open(TrainingBuilder<T> builder) {
    if (statisticsEvery > 0) {
      builder.statistics(statisticsEvery);
    }
    return builder
        .optimizer(optimizer)
        .half(form.half())
        .masterWeights(form.masterWeights())
        .lossScale(form.lossScale())
        .clipNorm(clipNorm)
        .seed(seed)
        .build();
  }
}
