package dev.mezzo.processor.problem;

/** What a problem does to the compilation. */
public enum Severity {
  /** The compilation fails, and nothing is generated for the layer. */
  ERROR,
  /** Legal, and probably not meant; silenced by {@code @SuppressWarnings("mezzo:Id")}. */
  WARNING
}
