package dev.mezzo.benchmarks.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The rate of copying memory, bytes read and bytes written together: what an element-wise kernel
 * can reach.
 */
final class CopyProbe {

  private static final long TRAFFIC = 64L << 20;

  private final MemorySegment from;
  private final MemorySegment to;
  private final int rounds;

  /** Two blocks of half of {@code bytes} each. */
  CopyProbe(long bytes) {
    from = Arena.ofAuto().allocate(bytes / 2, 64);
    to = Arena.ofAuto().allocate(bytes / 2, 64);
    from.fill((byte) 1);
    to.fill((byte) 2);
    rounds = (int) Math.max(1, TRAFFIC / bytes);
  }

  /** GB/s of one run on the calling thread. */
  double run() {
    long start = System.nanoTime();
    for (int i = 0; i < rounds; i++) {
      to.copyFrom(from);
    }
    return 2.0 * rounds * from.byteSize() / (System.nanoTime() - start);
  }
}
