package dev.mezzo.backend.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.mezzo.backend.Operand;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a C struct that a kernel takes by value, written field after field, each where C
 * puts it: at a multiple of its size.
 */
final class Struct {

  private static final int MOST_BYTES = 4096; // what a kernel may take

  private final MemorySegment bytes = MemorySegment.ofArray(new long[MOST_BYTES / Long.BYTES]);
  private long end;

  /** An {@code int}. */
  Struct add(int value) {
    bytes.set(JAVA_INT, next(Integer.BYTES), value);
    return this;
  }

  /** A {@code float}. */
  Struct add(float value) {
    bytes.set(JAVA_FLOAT, next(Float.BYTES), value);
    return this;
  }

  /** A {@code long long}. */
  Struct add(long value) {
    bytes.set(JAVA_LONG, next(Long.BYTES), value);
    return this;
  }

  /** A {@code double}. */
  Struct add(double value) {
    bytes.set(JAVA_DOUBLE, next(Double.BYTES), value);
    return this;
  }

  /** A pointer. */
  Struct add(MemorySegment memory) {
    return add(memory.address());
  }

  /** A struct {@code Array}; null is one without data. */
  Struct add(@Nullable Operand operand) {
    add(operand == null ? 0 : operand.data().address());
    return add(operand == null ? 0L : Arguments.typeAndAdds(operand));
  }

  /** The struct so far, as an argument. */
  Arguments.ByValue value() {
    return new Arguments.ByValue(bytes.asSlice(0, Math.ceilDiv(end, Long.BYTES) * Long.BYTES));
  }

  private long next(int size) {
    long at = Math.ceilDiv(end, size) * size;
    end = at + size;
    return at;
  }
}
