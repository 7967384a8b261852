package dev.mezzo.backend.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;

/**
 * Memory of the GPU that a kernel needs while it runs. The kernels of a stream run one after the
 * other, so all share it: what one {@link #take} gives is free again at the next. It grows while
 * sizes do, which a first step settles; what was outgrown is kept, since captured graphs may have
 * its address.
 */
final class Workspace {

  private static final long LEAST = 1 << 20;
  private static final long COUNTER_BYTES = 64;

  private final LongFunction<MemorySegment> allocator;
  private final List<MemorySegment> outgrown = new ArrayList<>();
  private final MemorySegment counter;
  private MemorySegment memory;

  /**
   * @param allocator of the GPU's memory, 64-byte aligned at least
   */
  Workspace(LongFunction<MemorySegment> allocator) {
    this.allocator = allocator;
    this.counter = allocator.apply(COUNTER_BYTES);
    this.memory = allocator.apply(LEAST);
  }

  /** Memory of exactly {@code bytes}, contents undefined, until the next call. */
  MemorySegment take(long bytes) {
    if (bytes > memory.byteSize()) {
      outgrown.add(memory);
      memory = allocator.apply(Math.max(bytes, 2 * memory.byteSize()));
    }
    return memory.asSlice(0, bytes);
  }

  /** A word that kernels find 0 and leave 0, once it was set so. */
  MemorySegment counter() {
    return counter;
  }
}
