package dev.mezzo.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a kernel, as the driver reads them: each by itself, in native memory.
 *
 * <p>An {@link Operand} is {@code struct Array { void *data; int type; int adds; }} with the
 * ordinal of its {@link dev.mezzo.types.DType}; a {@link MemorySegment} of the device is a pointer;
 * null is either, of zeros; a number or boolean is itself ({@code int, long long, float, double,
 * bool}); an {@code int[]}, {@code long[]} or {@code float[]} is a struct by value, which holds
 * just such an array; {@link ByValue} is any other struct.
 */
final class Arguments {

  static final int MOST = 64;
  static final long MOST_BYTES = 2 * 4096; // a kernel may take 4096, which alignment spreads
  static final long ALIGNMENT = 16;
  private static final long ARRAY_BYTES = 16;

  private final MemorySegment values;
  private final long[] offsets;
  private long end;

  private Arguments(MemorySegment values, int count, long start) {
    this.values = values;
    this.offsets = new long[count];
    this.end = start;
  }

  /** Writes arguments to native memory, from {@code start} on. */
  static Arguments write(MemorySegment to, long start, @Nullable Object... arguments) {
    if (arguments.length > MOST) {
      throw new IllegalArgumentException("a kernel with " + arguments.length + " arguments");
    }
    Arguments written = new Arguments(to, arguments.length, start);
    for (int i = 0; i < arguments.length; i++) {
      written.add(i, arguments[i]);
    }
    return written;
  }

  /** Where each argument is. */
  long[] offsets() {
    return offsets;
  }

  /** Behind the last of them. */
  long end() {
    return end;
  }

  /** The last two fields of {@code struct Array}. */
  static long typeAndAdds(Operand operand) {
    return Codes.of(operand.dtype()) | (operand.adds() ? 1L << Integer.SIZE : 0);
  }

  private void add(int index, @Nullable Object argument) {
    offsets[index] = end;
    values.asSlice(end, ARRAY_BYTES).fill((byte) 0); // gaps, too: lists are compared as bytes
    end = Math.ceilDiv(end + put(argument, end), ALIGNMENT) * ALIGNMENT;
  }

  /** Returns the argument's bytes. */
  private long put(@Nullable Object argument, long at) {
    switch (argument) {
      case null -> {
        return ARRAY_BYTES; // of zeros
      }
      case Operand operand -> {
        values.set(JAVA_LONG, at, operand.data().address());
        values.set(JAVA_LONG, at + Long.BYTES, typeAndAdds(operand));
        return ARRAY_BYTES;
      }
      case MemorySegment memory -> values.set(JAVA_LONG, at, memory.address());
      case Long number -> values.set(JAVA_LONG, at, number);
      case Double number -> values.set(JAVA_DOUBLE, at, number);
      case Integer number -> {
        values.set(JAVA_INT, at, number);
        return Integer.BYTES;
      }
      case Float number -> {
        values.set(JAVA_FLOAT, at, number);
        return Float.BYTES;
      }
      case Boolean flag -> {
        values.set(JAVA_BYTE, at, (byte) (flag ? 1 : 0));
        return 1;
      }
      case int[] array -> {
        return struct(MemorySegment.ofArray(array), at);
      }
      case long[] array -> {
        return struct(MemorySegment.ofArray(array), at);
      }
      case float[] array -> {
        return struct(MemorySegment.ofArray(array), at);
      }
      case ByValue value -> {
        return struct(value.bytes(), at);
      }
      default ->
          throw new IllegalArgumentException(
              "a kernel takes no " + argument.getClass().getSimpleName());
    }
    return Long.BYTES;
  }

  private long struct(MemorySegment bytes, long at) {
    values.asSlice(at, bytes.byteSize()).copyFrom(bytes);
    return bytes.byteSize();
  }

  /**
   * A struct that a kernel takes by value.
   *
   * @param bytes on the host, laid out as C does
   */
  record ByValue(MemorySegment bytes) {}
}
