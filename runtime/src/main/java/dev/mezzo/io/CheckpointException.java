package dev.mezzo.io;

import java.nio.file.Path;

/** A file of tensors is not what it must be; the message says file, tensor and cure. */
public final class CheckpointException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * An exception about a file.
   *
   * @param problem what is wrong, and what to do
   */
  public CheckpointException(Path file, String problem) {
    super(file + ": " + problem);
  }

  CheckpointException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
