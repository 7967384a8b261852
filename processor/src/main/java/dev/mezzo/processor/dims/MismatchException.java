package dev.mezzo.processor.dims;

/** Shapes do not fit; the message says why, as the rest of a sentence. */
final class MismatchException extends Exception {
  private static final long serialVersionUID = 1;

  MismatchException(String message) {
    super(message);
  }
}
