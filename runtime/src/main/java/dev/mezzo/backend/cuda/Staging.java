package dev.mezzo.backend.cuda;

import dev.mezzo.backend.cuda.ffi.CudaDriver;
import dev.mezzo.backend.cuda.ffi.CudaMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What copies between host and GPU go through. An upload returns when its values are in pinned
 * memory; a stream of its own fetches them into memory of the GPU, while kernels run, and the
 * kernels' stream puts them where they belong when it comes to them: that place may be in use until
 * then. Pinned memory and the GPU's are two rings of the same pieces.
 */
final class Staging implements AutoCloseable {

  static final long RING_BYTES = 32L << 20;

  private static final long PIECE_BYTES = 4L << 20;
  private static final long ALIGNMENT = 256;

  private final CudaDevice device;
  private final MemorySegment pinned;
  private final MemorySegment downloaded;
  private final long ring;
  private final long copies;
  private final Deque<Piece> pieces = new ArrayDeque<>();
  private final Deque<Long> marks = new ArrayDeque<>();
  private long next;

  /**
   * Takes memory of the current context.
   *
   * @param memory of the GPU
   */
  Staging(CudaDevice device, DeviceMemory memory) {
    this.device = device;
    this.ring = memory.keep(RING_BYTES);
    this.pinned = CudaMemory.allocatePinned(RING_BYTES);
    this.downloaded = CudaMemory.allocatePinned(PIECE_BYTES);
    this.copies = CudaDriver.createStream();
  }

  /** Copies {@code host} to the GPU, in the order of the kernels' stream. */
  void upload(MemorySegment host, long to) {
    long at = 0;
    while (at < host.byteSize()) {
      long bytes = Math.min(PIECE_BYTES, host.byteSize() - at);
      upload(host.asSlice(at, bytes), to + at, room(bytes));
      at += bytes;
    }
  }

  private void upload(MemorySegment host, long to, long start) {
    long bytes = host.byteSize();
    MemorySegment part = pinned.asSlice(start, bytes);
    part.copyFrom(host);
    CudaMemory.upload(part, ring + start, copies);
    Piece piece = new Piece(start, start + bytes, mark(), mark());
    CudaDriver.record(piece.fetched, copies);
    long stream = device.stream();
    CudaDriver.waitFor(piece.fetched, stream);
    CudaMemory.copy(ring + start, to, bytes, stream);
    CudaDriver.record(piece.placed, stream);
    pieces.addLast(piece);
  }

  /** Where there is room in the rings: waits for the oldest pieces if there is none. */
  private long room(long bytes) {
    long start = next + bytes > RING_BYTES ? 0 : next;
    next = Math.ceilDiv(start + bytes, ALIGNMENT) * ALIGNMENT;
    while (pieces.stream().anyMatch(piece -> piece.from < start + bytes && start < piece.to)) {
      Piece oldest = pieces.removeFirst();
      CudaDriver.synchronizeEvent(oldest.placed);
      marks.addLast(oldest.fetched);
      marks.addLast(oldest.placed);
    }
    return start;
  }

  private long mark() {
    Long free = marks.pollFirst();
    return free == null ? CudaDriver.createMark() : free;
  }

  /** Waits for the stream, then copies from the GPU to {@code host}. */
  void download(long from, MemorySegment host) {
    long at = 0;
    while (at < host.byteSize()) {
      long bytes = Math.min(PIECE_BYTES, host.byteSize() - at);
      MemorySegment part = downloaded.asSlice(0, bytes);
      CudaMemory.download(from + at, part, device.stream());
      device.synchronize();
      host.asSlice(at, bytes).copyFrom(part);
      at += bytes;
    }
  }

  @Override
  public void close() {
    CudaDriver.destroyStream(copies);
    pieces.forEach(
        piece -> {
          marks.addLast(piece.fetched);
          marks.addLast(piece.placed);
        });
    marks.forEach(CudaDriver::destroyEvent);
    CudaMemory.freePinned(pinned);
    CudaMemory.freePinned(downloaded);
  }

  /**
   * A part of the rings that may be in use.
   *
   * @param fetched mark of when it is on the GPU
   * @param placed mark of when it is where it belongs, and free again
   */
  private record Piece(long from, long to, long fetched, long placed) {}
}
