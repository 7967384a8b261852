package dev.mezzo.examples.training;

import dev.mezzo.optim.Optimizer;

/**
 * What to train and how.
 *
 * @param network what is trained
 * @param optimizer its schedule counts applied steps
 * @param epochs passes over the training images
 * @param maxSteps the training ends after so many steps even within an epoch
 * @param batch images of a step; an incomplete last batch of an epoch is left out
 * @param seed of the initial weights; of the order of the images, with the epoch added
 * @param clipNorm the greatest norm of all gradients together; infinite for any
 * @param sampleEvery every so many steps gradients and updates are looked at; 0 for never
 */
public record RunSettings(
    Network network,
    TrainingForm form,
    Optimizer optimizer,
    int epochs,
    int maxSteps,
    int batch,
    long seed,
    float clipNorm,
    int sampleEvery) {

  /** The same in another form. */
  public RunSettings in(TrainingForm form) {
    return new RunSettings(
        network, form, optimizer, epochs, maxSteps, batch, seed, clipNorm, sampleEvery);
  }

  /** How the network is trained. */
  Recipe recipe() {
    return new Recipe(form, optimizer, clipNorm, seed, sampleEvery);
  }
}
