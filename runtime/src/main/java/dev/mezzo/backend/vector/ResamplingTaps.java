package dev.mezzo.backend.vector;

import dev.mezzo.backend.Resampling.Mode;

/**
 * Of each pixel of y along an axis, the two of x that it is made of, and how much of the second.
 *
 * @param first pixels of x, ascending
 * @param second the next one; at the end the first again
 * @param share of the second, in [0, 1)
 */
record ResamplingTaps(int[] first, int[] second, float[] share) {

  static ResamplingTaps of(Mode mode, int in, int out) {
    ResamplingTaps taps = new ResamplingTaps(new int[out], new int[out], new float[out]);
    for (int i = 0; i < out; i++) {
      // exactly, as a fraction: at which pixel a place falls must not depend on rounding
      long numerator =
          switch (mode) {
            case NEAREST -> (long) i * in;
            case BILINEAR -> Math.max((2L * i + 1) * in - out, 0);
            case BILINEAR_CORNERS -> (long) i * (in - 1);
          };
      long denominator =
          switch (mode) {
            case NEAREST -> out;
            case BILINEAR -> 2L * out;
            case BILINEAR_CORNERS -> Math.max(out - 1, 1);
          };
      int at = (int) (numerator / denominator);
      taps.first[i] = at;
      taps.second[i] = Math.min(at + 1, in - 1);
      taps.share[i] =
          mode == Mode.NEAREST ? 0 : (float) ((double) (numerator % denominator) / denominator);
    }
    return taps;
  }

  /** The first pixel of y whose second pixel of x is {@code pixel} or behind it. */
  int from(int pixel) {
    int low = 0;
    int high = second.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (second[middle] < pixel) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** How much of {@code pixel} is in pixel {@code i} of y. */
  float weight(int i, int pixel) {
    return (first[i] == pixel ? 1 - share[i] : 0) + (second[i] == pixel ? share[i] : 0);
  }
}
