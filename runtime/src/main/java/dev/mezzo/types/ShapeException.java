package dev.mezzo.types;

/**
 * Shapes or element types that an operation cannot take; the message names the operation, both
 * shapes and the rule.
 */
public final class ShapeException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /** An exception with the given message. */
  public ShapeException(String message) {
    super(message);
  }
}
