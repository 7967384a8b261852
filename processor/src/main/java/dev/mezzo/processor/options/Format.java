package dev.mezzo.processor.options;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** A 16-bit format, as {@code -Amezzo.formats} names it; the runtime's HalfFormat has the same. */
public enum Format {
  /** IEEE 754 binary16. */
  FP16,
  /** bfloat16. */
  BF16;

  static Optional<Format> of(String name) {
    return Arrays.stream(values())
        .filter(format -> format.name().toLowerCase(Locale.ROOT).equals(name.strip()))
        .findFirst();
  }
}
