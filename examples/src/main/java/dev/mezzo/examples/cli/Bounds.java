package dev.mezzo.examples.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Bounds of the numbers that options are given. */
public final class Bounds {
  private Bounds() {}

  /**
   * The value.
   *
   * @param command that is not understood where the value is too small
   * @param option its name, as in {@code --steps}
   * @throws ParameterException if the value is less than {@code least}
   */
  public static int atLeast(CommandSpec command, String option, int least, int value) {
    if (value < least) {
      throw new ParameterException(
          command.commandLine(),
          "%s must be at least %d, but is %d".formatted(option, least, value));
    }
    return value;
  }

  /**
   * The value.
   *
   * @param command that is not understood where the value is not positive
   * @param option its name, as in {@code --seconds}
   * @throws ParameterException if the value is 0, negative, or NaN
   */
  public static double positive(CommandSpec command, String option, double value) {
    if (!(value > 0)) {
      throw new ParameterException(
          command.commandLine(), option + " must be positive, but is " + value);
    }
    return value;
  }
}
