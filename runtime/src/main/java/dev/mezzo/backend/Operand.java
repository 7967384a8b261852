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
 */
public record Operand(MemorySegment data, DType dtype, long size) {

  /** {@code count} elements from element {@code from} on, of the same memory. */
  public Operand slice(long from, long count) {
    return new Operand(data.asSlice(from * dtype.bytes(), count * dtype.bytes()), dtype, count);
  }
}
