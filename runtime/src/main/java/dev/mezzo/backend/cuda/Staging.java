package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CudaDriver;
import dev.mezzo.backend.cuda.ffi.CudaMemory;
import java.lang.foreign.MemorySegment;

/**
 * Pinned host memory that copies go through, so that an upload returns when the values are copied
 * from where the caller has them, and the GPU fetches them while the host goes on.
 */
final class Staging implements AutoCloseable {

  private static final int PARTS = 4;
  private static final long PART_BYTES = 2L << 20;

  private final CudaDevice device;
  private final MemorySegment memory;
  private final long[] events = new long[PARTS];
  private int next;

  /** Takes memory of the current context. */
  Staging(CudaDevice device) {
    this.device = device;
    this.memory = CudaMemory.allocatePinned(PARTS * PART_BYTES);
    for (int i = 0; i < PARTS; i++) {
      events[i] = CudaDriver.createEvent();
    }
  }

  /** Copies {@code host} to the GPU, in the stream's order. */
  void upload(MemorySegment host, long to) {
    long at = 0;
    while (at < host.byteSize()) {
      long bytes = Math.min(PART_BYTES, host.byteSize() - at);
      CudaDriver.synchronizeEvent(events[next]);
      MemorySegment part = memory.asSlice(next * PART_BYTES, bytes);
      part.copyFrom(host.asSlice(at, bytes));
      CudaMemory.upload(part, to + at, device.stream());
      CudaDriver.record(events[next], device.stream());
      next = (next + 1) % PARTS;
      at += bytes;
    }
  }

  /** Waits for the stream, then copies from the GPU to {@code host}. */
  void download(long from, MemorySegment host) {
    long at = 0;
    device.synchronize();
    while (at < host.byteSize()) {
      long bytes = Math.min(PARTS * PART_BYTES, host.byteSize() - at);
      MemorySegment part = memory.asSlice(0, bytes);
      CudaMemory.download(from + at, part, device.stream());
      device.synchronize();
      host.asSlice(at, bytes).copyFrom(part);
      at += bytes;
    }
  }

  @Override
  public void close() {
    for (long event : events) {
      CudaDriver.destroyEvent(event);
    }
    CudaMemory.freePinned(memory);
  }
}
