package dev.mezzo;

/** What became of a training step. */
public sealed interface StepResult permits Applied, Skipped {

  /** The loss before the step, not scaled. */
  float loss();

  /** The loss scale that the step was made with. */
  float scale();
}
