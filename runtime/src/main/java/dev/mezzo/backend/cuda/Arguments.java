package dev.mezzo.backend.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.mezzo.backend.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a kernel, as the driver reads them: an array of addresses, and what they point
 * to. Used again by each start, as the driver copies them.
 *
 * <p>An {@link Operand} is {@code struct Array { void *data; int type; int unused; }} with the
 * ordinal of its {@link dev.mezzo.types.DType}; a {@link MemorySegment} of the device is a pointer;
 * null is either, of zeros; a number or boolean is itself ({@code int, long long, float, double,
 * bool}); an {@code int[]}, {@code long[]} or {@code float[]} is a struct by value, which holds
 * just such an array; {@link ByValue} is any other struct.
 */
final class Arguments {

  private static final int MOST = 64;
  private static final long BYTES = 4096; // what a kernel may take
  private static final long ALIGNMENT = 16;
  private static final long ARRAY_BYTES = 16;

  private final MemorySegment addresses;
  private final MemorySegment values;

  /**
   * @param arena keeps them
   */
  Arguments(Arena arena) {
    addresses = arena.allocate(ADDRESS, MOST);
    values = arena.allocate(2 * BYTES, ALIGNMENT);
  }

  /** The array of addresses, valid until the next call. */
  MemorySegment of(@Nullable Object... arguments) {
    if (arguments.length > MOST) {
      throw new IllegalArgumentException("a kernel with " + arguments.length + " arguments");
    }
    long at = 0;
    for (int i = 0; i < arguments.length; i++) {
      addresses.setAtIndex(ADDRESS, i, values.asSlice(at));
      at = Math.ceilDiv(at + put(arguments[i], at), ALIGNMENT) * ALIGNMENT;
    }
    return addresses;
  }

  /** Returns the argument's bytes. */
  private long put(@Nullable Object argument, long at) {
    switch (argument) {
      case null -> {
        values.asSlice(at, ARRAY_BYTES).fill((byte) 0);
        return ARRAY_BYTES;
      }
      case Operand operand -> {
        values.set(JAVA_LONG, at, operand.data().address());
        values.set(JAVA_LONG, at + Long.BYTES, operand.dtype().ordinal());
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
