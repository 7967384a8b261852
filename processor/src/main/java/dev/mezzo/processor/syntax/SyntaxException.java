package dev.mezzo.processor.syntax;

/** Text that is no dimension, shape or rule; the message says what was expected where. */
public final class SyntaxException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With what was found, where and instead of what. */
  public SyntaxException(String message) {
    super(message);
  }

  /** What is wrong. */
  public String flaw() {
    return String.valueOf(getMessage());
  }
}
