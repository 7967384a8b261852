package dev.mezzo;

/** NaN or an infinity where code that was compiled with {@code -Amezzo.checks} allows none. */
public final class NonFiniteException extends ArithmeticException {
  private static final long serialVersionUID = 1;

  NonFiniteException(String message) {
    super(message);
  }
}
