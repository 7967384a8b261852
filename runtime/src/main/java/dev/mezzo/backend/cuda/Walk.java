package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Broadcast;

/** A {@link Broadcast} as the struct {@code Walk} of {@code broadcast.cuh}. */
final class Walk {

  /** The most dimensions, after neighbours that can be read as one were merged. */
  static final int RANK = 8;

  private Walk() {}

  /**
   * Rank, dimensions, and each operand's strides.
   *
   * @param operands how many the kernel reads
   * @throws IllegalArgumentException if there are more dimensions than {@link #RANK}
   */
  static long[] of(Broadcast broadcast, int operands) {
    int[] dims = broadcast.dims();
    if (dims.length > RANK) {
      throw new IllegalArgumentException(
          "the CUDA backend broadcasts over up to %d dimensions, not %d"
              .formatted(RANK, dims.length));
    }
    long[] walk = new long[1 + RANK * (1 + operands)];
    walk[0] = dims.length;
    for (int d = 0; d < dims.length; d++) {
      walk[1 + d] = dims[d];
    }
    for (int k = 0; k < broadcast.strides().length; k++) {
      System.arraycopy(broadcast.strides()[k], 0, walk, 1 + RANK * (1 + k), dims.length);
    }
    return walk;
  }
}
