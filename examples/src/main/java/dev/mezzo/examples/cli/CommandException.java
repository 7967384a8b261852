package dev.mezzo.examples.cli;

/** A command could not do what it was asked for; the message says why and what to do. */
public final class CommandException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String message;

  /** An exception with the given message. */
  public CommandException(String message) {
    super(message);
    this.message = message;
  }

  /** An exception with the given message and cause. */
  CommandException(String message, Throwable cause) {
    super(message, cause);
    this.message = message;
  }

  @Override
  public String getMessage() {
    return message;
  }
}
