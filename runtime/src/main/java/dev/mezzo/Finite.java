package dev.mezzo;

import dev.mezzo.types.DType;

/** Checks that generated code calls where it was compiled with {@code -Amezzo.checks}. */
public final class Finite {

  private Finite() {}

  /**
   * The tensor itself, if all its elements are finite; INT32 always is. Reads all of it back to the
   * host: for finding errors, not for training.
   *
   * @param place line and operation that have made it, as in {@code Mlp.java:9 relu, h}
   * @throws NonFiniteException naming the place, and the first element that is NaN or ±Inf
   */
  public static Tensor check(Tensor x, String place) {
    if (x.dtype() == DType.INT32) {
      return x;
    }
    float[] values = x.toFloats();
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        String message =
            "%s: element %d of %s %s is %s".formatted(place, i, x.shape(), x.dtype(), values[i]);
        x.close();
        throw new NonFiniteException(message);
      }
    }
    return x;
  }
}
