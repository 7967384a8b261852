package dev.mezzo.backend;

/**
 * The random numbers of dropout: a hash of (seed, element index), so that any backend, with any
 * number of threads, draws the same mask, and backward draws it again instead of saving it.
 *
 * <p>Two rounds of MurmurHash3's 32-bit finalizer, one over the index and one half of the seed, one
 * over the result and the other half; its top 24 bits are a uniform number in [0, 1).
 */
public final class DropoutMask {

  private DropoutMask() {}

  /** Whether element {@code index} is kept, with probability 1 − rate. */
  public static boolean keeps(long seed, long index, float rate) {
    return uniform(seed, index) >= rate;
  }

  /** A number in [0, 1), a multiple of 2⁻²⁴. */
  public static float uniform(long seed, long index) {
    int low = mix((int) index * 0x9E3779B9 + (int) seed);
    int high = mix(low ^ ((int) (seed >>> 32) + (int) (index >>> 32) * 0x85EBCA6B));
    return (high >>> 8) * 0x1p-24f;
  }

  private static int mix(int value) {
    int h = value;
    h = (h ^ (h >>> 16)) * 0x85EBCA6B;
    h = (h ^ (h >>> 13)) * 0xC2B2AE35;
    return h ^ (h >>> 16);
  }
}
