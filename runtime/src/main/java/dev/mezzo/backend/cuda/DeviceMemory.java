package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CudaException;
import dev.mezzo.backend.cuda.ffi.CudaMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory of a GPU. A block is freed when its segment is unreachable; the garbage collector's thread
 * only notes its address, since the driver is for the backend's thread: the next allocation frees
 * it.
 */
final class DeviceMemory implements AutoCloseable {

  /** How often the garbage collector is asked, and waited for, before memory is found to be out. */
  private static final int TRIES = 6;

  private final CudaDevice device;
  private final Set<Block> blocks = new HashSet<>();
  private final ConcurrentLinkedQueue<Block> unreachable = new ConcurrentLinkedQueue<>();
  private final AtomicLong held = new AtomicLong();

  DeviceMemory(CudaDevice device) {
    this.device = device;
  }

  /**
   * A block, 256-byte aligned, contents undefined. The segment is an address and a size: nobody may
   * read it on the host.
   *
   * @throws OutOfMemoryError if the GPU has none left
   */
  @SuppressWarnings("restricted") // the driver says that the memory is there
  MemorySegment allocate(long bytes) {
    device.enter();
    freeUnreachable();
    long size = Math.max(1, bytes);
    Block block = new Block(allocateOrCollect(size), size);
    held.addAndGet(size);
    blocks.add(block);
    return MemorySegment.ofAddress(block.address())
        .reinterpret(size, Arena.ofAuto(), segment -> unreachable.add(block));
  }

  /** The address of a block that stays until {@link #close}. */
  long keep(long bytes) {
    device.enter();
    Block block = new Block(allocateOrCollect(bytes), bytes);
    held.addAndGet(bytes);
    blocks.add(block);
    return block.address();
  }

  /** Frees all: others may hold the context, with which it would go. */
  @Override
  public void close() {
    blocks.forEach(block -> CudaMemory.free(block.address()));
    blocks.clear();
    held.set(0);
  }

  private long allocateOrCollect(long bytes) {
    for (int i = 0; i < TRIES; i++) {
      try {
        return CudaMemory.allocate(bytes);
      } catch (CudaException e) {
        if (e.code() != CudaException.OUT_OF_MEMORY) {
          throw device.failed(e, "memory");
        }
      }
      collect(1L << i);
    }
    throw new OutOfMemoryError(
        "%,d bytes asked for of the GPU; %,d are free there, %,d are held by Mezzo; make the batch smaller, or recompute (@Recompute)"
            .formatted(bytes, CudaMemory.free(), held.get()));
  }

  /** Lets the garbage collector find blocks that nobody reaches, and frees them. */
  private void collect(long milliseconds) {
    System.gc();
    try {
      Thread.sleep(milliseconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    freeUnreachable();
  }

  private void freeUnreachable() {
    Block block = unreachable.poll();
    if (block != null) {
      device.stream(); // commands that are collected may be on it
    }
    while (block != null) {
      blocks.remove(block);
      CudaMemory.free(block.address());
      held.addAndGet(-block.bytes());
      block = unreachable.poll();
    }
  }

  private record Block(long address, long bytes) {}
}
