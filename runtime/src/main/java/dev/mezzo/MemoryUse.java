package dev.mezzo;

/**
 * The bytes that a training holds, of elements alone.
 *
 * @param weights the values that the optimizer updates: FP32 masters, or 16-bit weights without one
 * @param shadows 16-bit copies of masters
 * @param gradients of the last step; they are kept until the next one begins
 * @param optimizerState momentum, variance
 * @param savedActivations the most that the last step held for backward, without weights and
 *     shadows
 */
public record MemoryUse(
    long weights, long shadows, long gradients, long optimizerState, long savedActivations) {

  /** All together. */
  public long total() {
    return weights + shadows + gradients + optimizerState + savedActivations;
  }

  MemoryUse plus(MemoryUse other) {
    return new MemoryUse(
        weights + other.weights,
        shadows + other.shadows,
        gradients + other.gradients,
        optimizerState + other.optimizerState,
        savedActivations + other.savedActivations);
  }
}
