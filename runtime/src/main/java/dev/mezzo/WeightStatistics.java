package dev.mezzo;

/**
 * A weight's gradient and update in one step.
 *
 * @param path as in {@code net.first.weight}
 * @param source the lines and operations that the gradient comes from, as in {@code Linear.java:51
 *     linear}
 * @param gradient as backward made it: scaled, in its own precision
 * @param updates elements whose gradient is not zero, in a step that was applied
 * @param vanishing those of them whose update, added to a weight in the 16-bit format, would have
 *     left it as it was: |w| ≥ 2¹¹·|Δw| in FP16, 2⁸·|Δw| in BF16
 */
public record WeightStatistics(
    String path, String source, ExponentHistogram gradient, long updates, long vanishing) {

  /** The same weight in both steps. */
  public WeightStatistics plus(WeightStatistics other) {
    return new WeightStatistics(
        path,
        source,
        gradient.plus(other.gradient),
        updates + other.updates,
        vanishing + other.vanishing);
  }

  /** The share of updates that need the FP32 master copy; 0 where there were none. */
  public double vanishingShare() {
    return updates == 0 ? 0 : (double) vanishing / updates;
  }
}
