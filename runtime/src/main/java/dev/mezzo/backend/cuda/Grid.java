package dev.mezzo.backend.cuda;

/**
 * How many blocks of how many threads a kernel is started with.
 *
 * @param x blocks, at most 2³¹ − 1
 * @param y blocks, at most 65535
 * @param z blocks, at most 65535
 * @param threads of a block in x, at most 1024
 * @param threadsY of a block in y
 * @param sharedBytes dynamic shared memory of a block
 */
record Grid(int x, int y, int z, int threads, int threadsY, int sharedBytes) {

  private static final int LARGEST_Y = 65535;

  Grid {
    if (x < 1 || y < 1 || z < 1 || threads < 1 || threadsY < 1) {
      throw new IllegalArgumentException("a grid needs blocks and threads");
    }
    if (y > LARGEST_Y || z > LARGEST_Y || (long) threads * threadsY > 1024) {
      throw new IllegalArgumentException(
          "a grid of (%d, %d, %d) blocks of (%d, %d) threads is too large"
              .formatted(x, y, z, threads, threadsY));
    }
  }

  /** Blocks in one dimension. */
  static Grid of(long blocks, int threads) {
    return new Grid(Math.toIntExact(blocks), 1, 1, threads, 1, 0);
  }

  /** Blocks in two dimensions. */
  static Grid of(long x, long y, int threads) {
    return new Grid(Math.toIntExact(x), Math.toIntExact(y), 1, threads, 1, 0);
  }

  /** Enough threads for {@code elements}, but at most {@code most} blocks, which stride. */
  static Grid striding(long elements, int threads, int most) {
    return of(Math.clamp(Math.ceilDiv(elements, threads), 1, most), threads);
  }

  /** The same with dynamic shared memory. */
  Grid shared(int bytes) {
    return new Grid(x, y, z, threads, threadsY, bytes);
  }
}
