package dev.mezzo.processor.options;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Every option of the processor, as written after {@code -A}; documented in docs/options.md. */
public enum Option {
  /** Every operation is followed by a check that its result is finite. */
  CHECKS("mezzo.checks"),
  /** The 16-bit formats that trainings may be built with, separated by commas; by default all. */
  FORMATS("mezzo.formats"),
  /** Element-wise operations are put together; on unless it is turned off. */
  FUSION("mezzo.fusion"),
  /** A page that shows the plans of all layers is written; the value may name its file. */
  REPORT("mezzo.report"),
  /** Warnings of Mezzo that are not silenced are errors. */
  STRICT("mezzo.strict"),
  /** Where an internal failure happened is printed on the standard error. */
  TRACE("mezzo.trace");

  private final String key;

  Option(String key) {
    this.key = key;
  }

  /** As in {@code mezzo.strict}. */
  public String key() {
    return key;
  }

  /** All keys, in order. */
  public static List<String> keys() {
    return Arrays.stream(values()).map(Option::key).toList();
  }

  /** Whether the value may be a file's name. */
  boolean namesFile() {
    return this == REPORT;
  }

  /** Whether it is on where nothing is said. */
  boolean standard() {
    return this == FUSION;
  }

  static Optional<Option> of(String key) {
    return Arrays.stream(values()).filter(option -> option.key.equals(key)).findFirst();
  }
}
