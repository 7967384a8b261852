package dev.mezzo.backend;

import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;

/**
 * A contiguous, row-major array in a backend's memory.
 *
 * @param data starts at the first element, 64-byte aligned unless it is a slice; only the backend
 *     that allocated it dereferences it (for a GPU it is an address and a size)
 * @param dtype type of the elements
 * @param size number of elements
 * @param adds of a result: that it is added to what is there, in FP32 before the one rounding; only
 *     where the kernel offers that ({@link Backend#addsGradients})
 */
public record Operand(MemorySegment data, DType dtype, long size, boolean adds) {

  /** One that is read, or written over. */
  public Operand(MemorySegment data, DType dtype, long size) {
    this(data, dtype, size, false);
  }

  /** {@code count} elements from element {@code from} on, of the same memory. */
  public Operand slice(long from, long count) {
    MemorySegment part = data.asSlice(from * dtype.bytes(), count * dtype.bytes());
    return new Operand(part, dtype, count, adds);
  }

  /** The same memory, written over. */
  public Operand plain() {
    return adds ? new Operand(data, dtype, size) : this;
  }

  /** The same memory, as a result that is added to it. */
  public Operand adding() {
    return new Operand(data, dtype, size, true);
  }
}
