package dev.mezzo.examples.training;

import dev.mezzo.Training;
import dev.mezzo.optim.Optimizer;

/**
 * How a model is trained, whatever the model.
 *
 * @param optimizer its schedule counts applied steps
 * @param clipNorm the greatest norm of all gradients together; infinite for any
 * @param seed of dropout
 */
public record Recipe(TrainingForm form, Optimizer optimizer, float clipNorm, long seed) {

  /** Without clipping, seed 0. */
  public Recipe(TrainingForm form, Optimizer optimizer) {
    this(form, optimizer, Float.POSITIVE_INFINITY, 0);
  }

  /** Opens a training in this way. */
  public <T extends Training> T open(Training.Builder<T> builder) {
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
