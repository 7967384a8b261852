package dev.mezzo.backend.conformance;

import dev.mezzo.backend.Backend;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A block of a backend's memory that the buffers of many runs are cut from, one run after the
 * other.
 */
final class Slab implements AutoCloseable {

  private static final long ALIGNMENT = 64;
  private static final long SIZE = 4L << 20;

  private final Backend backend;
  private final MemorySegment block;
  private final @Nullable ProtectedPages pages;
  private long taken;

  Slab(Backend backend) {
    this(backend, null);
  }

  /** Whose buffers end at protected pages. */
  Slab(Backend backend, @Nullable ProtectedPages pages) {
    this.backend = backend;
    this.pages = pages;
    this.block = backend.allocate(SIZE);
  }

  Backend backend() {
    return backend;
  }

  /** Whether what is taken ends at a page that nobody may touch. */
  boolean isProtected() {
    return pages != null;
  }

  /** Memory of exactly {@code bytes}, 64-byte aligned; of its own where the slab is used up. */
  MemorySegment take(long bytes) {
    if (pages != null) {
      return pages.take(bytes);
    }
    if (taken + bytes > SIZE) {
      return backend.allocate(bytes).asSlice(0, bytes);
    }
    MemorySegment memory = block.asSlice(taken, bytes);
    taken = Math.ceilDiv(taken + bytes, ALIGNMENT) * ALIGNMENT;
    return memory;
  }

  /** All that was taken may be taken again. */
  void reset() {
    taken = 0;
    close();
  }

  @Override
  public void close() {
    if (pages != null) {
      pages.close();
    }
  }
}
