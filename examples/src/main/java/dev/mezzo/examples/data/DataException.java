package dev.mezzo.examples.data;

/** Data that cannot be used; the message names the file, the byte where it goes wrong, the cure. */
public final class DataException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String message;

  /** An exception with the given message. */
  public DataException(String message) {
    super(message);
    this.message = message;
  }

  /** As in {@code t10k-images-idx3-ubyte, byte 16: the file ends here …; replace it …}. */
  static DataException at(String file, long offset, String problem, String cure) {
    return new DataException(file + ", byte " + offset + ": " + problem + "; " + cure);
  }

  @Override
  public String getMessage() {
    return message;
  }
}
