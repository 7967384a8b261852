package dev.mezzo.backend;

/**
 * A device that is not there, or that refused a call. The message names what was asked for, what
 * came of it, and the cure.
 */
public class DeviceException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /**
   * @param message what was asked for, what came of it, the cure
   */
  public DeviceException(String message) {
    super(message);
  }
}
