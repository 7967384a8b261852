package dev.mezzo.backend;

/**
 * A contiguous array read as (outer, axis, inner), summed over the axis; the result is (outer,
 * inner).
 *
 * @param factor on each sum, in FP32, before rounding: 1 for a sum, 1/axis for a mean
 */
public record Reduction(int outer, int axis, int inner, float factor) {

  /** The same with another factor. */
  public Reduction times(float other) {
    return new Reduction(outer, axis, inner, other);
  }
}
