package dev.mezzo;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import dev.mezzo.types.Shape;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * How the magnitudes of a tensor's elements are spread: the figures 2 and 3 of the paper.
 * Immutable.
 *
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al., Mixed Precision Training</a>
 */
public final class ExponentHistogram {

  /** The least exponent told apart; a smaller element counts as one of this. */
  public static final int LEAST = -160;

  /** One more than the greatest exponent told apart. */
  public static final int END = 160;

  private static final int BINS = END - LEAST + 2;
  private static final int NOT_FINITE = BINS - 1;

  private final long[] counts;

  private ExponentHistogram(long[] counts) {
    this.counts = counts;
  }

  /** No elements. */
  public static ExponentHistogram empty() {
    return new ExponentHistogram(new long[BINS]);
  }

  /** Of {@code x·factor}, without rounding the product to x's type. Waits for the device. */
  public static ExponentHistogram of(Tensor x, float factor) {
    try (Tensor rowMajor = x.contiguous()) {
      return of(x.device(), rowMajor.operand(), factor);
    }
  }

  /** Of elements in the memory of {@code device}. */
  static ExponentHistogram of(Device device, Operand x, float factor) {
    try (Tensor counts = Tensor.zeros(device, Shape.of(BINS), DType.INT32)) {
      device.backend().exponentHistogram(x, factor, counts.operand());
      int[] read = counts.toInts();
      long[] wide = new long[BINS];
      for (int i = 0; i < BINS; i++) {
        wide[i] = read[i];
      }
      return new ExponentHistogram(wide);
    }
  }

  /** The elements of both. */
  public ExponentHistogram plus(ExponentHistogram other) {
    long[] sum = counts.clone();
    for (int i = 0; i < BINS; i++) {
      sum[i] += other.counts[i];
    }
    return new ExponentHistogram(sum);
  }

  /** Elements that are zero. */
  public long zeros() {
    return counts[0];
  }

  /** Elements x with {@code ⌊log₂|x|⌋ = exponent}. */
  public long count(int exponent) {
    if (exponent < LEAST || exponent >= END) {
      throw new IllegalArgumentException(
          "exponent must be in [" + LEAST + ", " + END + "), but is " + exponent);
    }
    return counts[1 + exponent - LEAST];
  }

  /** Elements that are NaN or ±Inf. */
  public long notFinite() {
    return counts[NOT_FINITE];
  }

  /** All elements. */
  public long total() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  /**
   * The least exponent of an element that is neither zero nor non-finite; empty if there is none.
   */
  public OptionalInt least() {
    return IntStream.range(LEAST, END).filter(e -> count(e) > 0).findFirst();
  }

  /** The greatest exponent of an element that is neither zero nor non-finite. */
  public OptionalInt greatest() {
    return IntStream.range(-END + 1, 1 - LEAST).map(e -> -e).filter(e -> count(e) > 0).findFirst();
  }

  /** Elements that are not zero and smaller in magnitude than 2 to the power {@code exponent}. */
  public long below(int exponent) {
    long below = 0;
    for (int e = LEAST; e < Math.min(exponent, END); e++) {
      below += count(e);
    }
    return below;
  }
}
