package dev.mezzo.scaling;

/**
 * The factor on the loss before backward. Immutable: {@link #next} gives the state after a step.
 *
 * <p>Dynamic: after {@code interval} good steps in a row the scale is multiplied by {@code growth},
 * up to {@code ceiling}. An overflow ends the row of good steps; once {@code hysteresis} of them
 * have come without a growth between, the scale is multiplied by {@code backoff}, down to {@code
 * floor}, and keeps falling with each further one until it grows again.
 *
 * @param scale the factor now
 * @param growth factor after {@code interval} good steps; 1 where the scale is static
 * @param backoff factor on overflow; 1 where the scale is static
 * @param interval good steps in a row until the scale grows
 * @param floor least scale
 * @param ceiling greatest scale
 * @param hysteresis overflows until the scale falls, at least 1
 * @param goodSteps good steps in a row so far
 * @param overflows overflows since the scale last grew, at most {@code hysteresis}
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al., Mixed Precision Training,
 *     section 3.2</a>
 */
public record LossScale(
    float scale,
    float growth,
    float backoff,
    int interval,
    float floor,
    float ceiling,
    int hysteresis,
    int goodSteps,
    int overflows) {

  /** Checks the settings. */
  public LossScale {
    require(scale > 0 && Float.isFinite(scale), "scale must be positive and finite", scale);
    require(growth >= 1 && Float.isFinite(growth), "growth must be at least 1", growth);
    require(backoff > 0 && backoff <= 1, "backoff must be in (0, 1]", backoff);
    require(interval >= 1, "interval must be at least 1", interval);
    require(floor > 0 && floor <= scale, "floor must be positive and at most the scale", floor);
    require(
        ceiling >= scale && Float.isFinite(ceiling),
        "ceiling must be finite and at least the scale",
        ceiling);
    require(hysteresis >= 1, "hysteresis must be at least 1", hysteresis);
  }

  /** No scaling: the factor is 1 throughout. */
  public static LossScale none() {
    return fixed(1f);
  }

  /** The same factor throughout. */
  public static LossScale fixed(float scale) {
    return new LossScale(scale, 1f, 1f, Integer.MAX_VALUE, scale, scale, 1, 0, 0);
  }

  /** 2¹⁶ at first; doubled after 2000 good steps, halved on overflow; between 1 and 2²⁴. */
  public static LossScale dynamic() {
    return new LossScale(65536f, 2f, 0.5f, 2000, 1f, 16777216f, 1, 0, 0);
  }

  /** This scale, starting at another factor. */
  public LossScale startingAt(float scale) {
    return new LossScale(
        scale, growth, backoff, interval, floor, ceiling, hysteresis, goodSteps, overflows);
  }

  /** The state after a step whose gradients were all finite, or were not. */
  public LossScale next(boolean finite) {
    if (!finite) {
      int counted = Math.min(overflows + 1, hysteresis);
      float lowered = counted < hysteresis ? scale : Math.max(floor, scale * backoff);
      return with(lowered, 0, counted);
    }
    if (goodSteps + 1 < interval) {
      return with(scale, goodSteps + 1, overflows);
    }
    return with(Math.min(ceiling, scale * growth), 0, 0);
  }

  /** This rule in another state. */
  public LossScale with(float scale, int goodSteps, int overflows) {
    return new LossScale(
        scale, growth, backoff, interval, floor, ceiling, hysteresis, goodSteps, overflows);
  }

  /** Whether the other follows the same rule, in whatever state. */
  public boolean sameRule(LossScale other) {
    return growth == other.growth
        && backoff == other.backoff
        && interval == other.interval
        && floor == other.floor
        && ceiling == other.ceiling
        && hysteresis == other.hysteresis;
  }

  private static void require(boolean holds, String rule, float found) {
    if (!holds) {
      throw new IllegalArgumentException("loss scale: " + rule + ", but is " + found);
    }
  }
}
