package dev.mezzo.backend.conformance;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.Operand;
import dev.mezzo.types.BFloat16;
import dev.mezzo.types.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/**
 * An operand with a guard of known bytes on either side, in a backend's memory. Its segment ends
 * where the elements end, so that a read beyond them is an exception; a write to the guard is found
 * by {@link #checkGuards}.
 */
final class Buffer {

  private static final int GUARD = 128;
  private static final byte PATTERN = (byte) 0xA5;

  private final Backend backend;
  private final MemorySegment whole;
  private final int before;
  private final Operand operand;

  /** The elements start {@code shift} elements after a 64-byte boundary. */
  Buffer(Slab slab, DType dtype, int size, int shift) {
    this.backend = slab.backend();
    int bytes = size * dtype.bytes();
    this.before = GUARD + shift * dtype.bytes();
    int total = before + bytes + (slab.isProtected() ? 0 : GUARD);
    this.whole = slab.take(total);
    byte[] guards = new byte[total];
    Arrays.fill(guards, PATTERN);
    backend.upload(MemorySegment.ofArray(guards), whole);
    this.operand = new Operand(whole.asSlice(before, bytes), dtype, size);
  }

  Operand operand() {
    return operand;
  }

  DType dtype() {
    return operand.dtype();
  }

  int size() {
    return (int) operand.size();
  }

  /** Stores values, rounded by the reference's rounding. */
  Buffer set(double... values) {
    byte[] bytes = new byte[size() * dtype().bytes()];
    MemorySegment host = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      float value = (float) Rounding.nearest(values[i], dtype());
      switch (dtype()) {
        case FP32 -> host.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, value);
        case FP16 ->
            host.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, Float.floatToFloat16(value));
        case BF16 -> host.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, BFloat16.fromFloat(value));
        case INT32 -> throw new IllegalStateException("setInts");
      }
    }
    backend.upload(host, operand.data());
    return this;
  }

  Buffer setInts(int... values) {
    backend.upload(MemorySegment.ofArray(values), operand.data());
    return this;
  }

  /** Stores the bit patterns of 16-bit elements. */
  Buffer setBits(short... bits) {
    backend.upload(MemorySegment.ofArray(bits), operand.data());
    return this;
  }

  /** Stores FP32 numbers as they are. */
  Buffer setFloats(List<HalfPatterns.Rounded> cases) {
    float[] values = new float[cases.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = cases.get(i).value();
    }
    backend.upload(MemorySegment.ofArray(values), operand.data());
    return this;
  }

  double[] get() {
    byte[] bytes = bytes();
    MemorySegment host = MemorySegment.ofArray(bytes);
    double[] values = new double[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype()) {
            case FP32 -> host.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i);
            case FP16 -> Float.float16ToFloat(host.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
            case BF16 -> BFloat16.toFloat(host.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
            case INT32 -> host.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
          };
    }
    return values;
  }

  /** The elements' bytes. */
  byte[] bytes() {
    byte[] bytes = new byte[size() * dtype().bytes()];
    backend.download(operand.data(), MemorySegment.ofArray(bytes));
    return bytes;
  }

  void checkGuards() {
    byte[] all = new byte[(int) whole.byteSize()];
    backend.download(whole, MemorySegment.ofArray(all));
    int end = before + size() * dtype().bytes();
    for (int i = 0; i < all.length; i++) {
      if (all[i] != PATTERN && (i < before || i >= end)) {
        throw new AssertionError(
            "byte %d %s a buffer of %d %s was overwritten"
                .formatted(
                    i < before ? before - i : i - end + 1,
                    i < before ? "before" : "after",
                    size(),
                    dtype()));
      }
    }
  }
}
