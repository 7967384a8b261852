package dev.mezzo.backend.cuda;

import dev.mezzo.backend.Operand;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;

/** A block that arrays are cut from, one behind the other. */
final class Memory {

  private static final long ALIGNMENT = 64;

  private final MemorySegment block;
  private long taken;

  Memory(MemorySegment block) {
    this.block = block;
  }

  /** Bytes of a block for FP32 arrays of these sizes. */
  static long bytes(long... floats) {
    long bytes = 0;
    for (long count : floats) {
      bytes += aligned(count * Float.BYTES);
    }
    return bytes;
  }

  /** The next FP32 array. */
  Operand floats(long count) {
    Operand array = new Operand(block.asSlice(taken, count * Float.BYTES), DType.FP32, count);
    taken += aligned(count * Float.BYTES);
    return array;
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }
}
