package dev.mezzo;

/**
 * A gradient was not finite: no bit of weights, optimizer state or schedule changed.
 *
 * @param loss the loss before the step, not scaled
 * @param scale the loss scale that the step was made with
 * @param overflow the first gradient that was not finite
 * @param inARow steps skipped since the last applied one, this one included
 */
public record Skipped(float loss, float scale, Overflow overflow, int inARow)
    implements StepResult {}
