package dev.mezzo;

/**
 * How many of some values are lost, or nearly, in a 16-bit format.
 *
 * @param elements all of them
 * @param zeros those that are zero in the format: zero already, or below its least number
 * @param subnormals those that it holds with fewer bits than it has
 */
public record Underflow(long elements, long zeros, long subnormals) {

  /** Of values, and the format that they are in or are to be in; of {@code NONE} in FP16. */
  public static Underflow of(ExponentHistogram values, HalfFormat format) {
    int normal = format == HalfFormat.BF16 ? Float.MIN_EXPONENT : -14;
    int least = format == HalfFormat.BF16 ? Float.MIN_EXPONENT - 7 : -24;
    long lost = values.below(least);
    return new Underflow(values.total(), values.zeros() + lost, values.below(normal) - lost);
  }

  /** The share of both; 0 of no elements. */
  public double share() {
    return elements == 0 ? 0 : (double) (zeros + subnormals) / elements;
  }
}
