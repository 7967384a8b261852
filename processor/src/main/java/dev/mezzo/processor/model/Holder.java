package dev.mezzo.processor.model;

/** What holds a field's layers or parameters. */
public enum Holder {
  /** The field itself: one of them. */
  FIELD,
  /** An array. */
  ARRAY,
  /** A list. */
  LIST,
  /** The values of a map. */
  MAP
}
