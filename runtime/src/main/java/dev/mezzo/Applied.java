package dev.mezzo;

/**
 * The weights were updated.
 *
 * @param loss the loss before the step, not scaled
 * @param scale the loss scale that the step was made with
 * @param step number of steps applied, this one included
 */
public record Applied(float loss, float scale, long step) implements StepResult {}
