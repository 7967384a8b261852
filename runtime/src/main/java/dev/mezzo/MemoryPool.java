package dev.mezzo;

import dev.mezzo.backend.Backend;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Free blocks of a backend's memory, by size class, so that a training step allocates nothing after
 * the first. Each block is a segment of its own: one that is dropped instead of given back is freed
 * by the garbage collector.
 */
final class MemoryPool {

  private static final long ALIGNMENT = 64;

  /** Kinds of tensors that an error names. */
  private static final int SHOWN = 8;

  private final Backend backend;
  private final Memory memory;
  private final Map<Long, Deque<MemorySegment>> free = new HashMap<>();
  private long freeBytes;

  MemoryPool(Backend backend, Memory memory) {
    this.backend = backend;
    this.memory = memory;
  }

  /** A block of at least {@code bytes}, contents undefined. */
  MemorySegment take(long bytes) {
    long size = sizeClass(bytes);
    synchronized (this) {
      Deque<MemorySegment> blocks = free.get(size);
      if (blocks != null && !blocks.isEmpty()) {
        freeBytes -= size;
        return blocks.pop();
      }
    }
    try {
      return backend.allocate(size);
    } catch (OutOfMemoryError first) {
      trim();
      try {
        return backend.allocate(size);
      } catch (OutOfMemoryError e) {
        OutOfMemoryError full = new OutOfMemoryError(shortage(bytes, e));
        full.initCause(e);
        throw full;
      }
    }
  }

  /**
   * What was asked for, what is free, what is held, and by whom; and where a step's need can be
   * known before it is run, as an error in the first step has no plan to show.
   */
  private String shortage(long bytes, OutOfMemoryError cause) {
    List<String> sites = memory.liveSites();
    String most =
        sites.stream().limit(SHOWN).map(site -> "\n  " + site).collect(Collectors.joining());
    return "%,d bytes asked for on %s, which holds %s (%s). Most tensors:%s%s%nPeakMemory.of tells what a step of any batch holds, without running it"
        .formatted(
            bytes,
            backend.description(),
            memory,
            cause.getMessage(),
            most,
            sites.size() > SHOWN ? "\n  and %d other kinds".formatted(sites.size() - SHOWN) : "");
  }

  /** Takes back a block that {@link #take} gave. */
  synchronized void give(MemorySegment block) {
    free.computeIfAbsent(block.byteSize(), size -> new ArrayDeque<>()).push(block);
    freeBytes += block.byteSize();
  }

  /** Bytes that wait for their next use. */
  synchronized long freeBytes() {
    return freeBytes;
  }

  /** Leaves all free blocks to the garbage collector. */
  synchronized void trim() {
    free.clear();
    freeBytes = 0;
  }

  /**
   * The size of the block that holds {@code bytes}: four classes to each power of two, so at most a
   * quarter is wasted.
   */
  static long sizeClass(long bytes) {
    if (bytes <= ALIGNMENT) {
      return ALIGNMENT;
    }
    long step = Math.max(ALIGNMENT, Long.highestOneBit(bytes - 1) / 4);
    return Math.ceilDiv(bytes, step) * step;
  }
}
