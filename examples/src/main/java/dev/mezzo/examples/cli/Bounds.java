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
   * @param command that is not understood where the value is too large
   * @param option its name, as in {@code --threads}
   * @throws ParameterException if the value is more than {@code most}
   */
  public static int atMost(CommandSpec command, String option, int most, int value) {
    if (value > most) {
      throw new ParameterException(
          command.commandLine(), "%s must be at most %d, but is %d".formatted(option, most, value));
    }
    return value;
  }

  /**
   * The value.
   *
   * @param command that is not understood where the value is not positive
   * @param option its name, as in {@code --seconds}
   * @throws ParameterException if the value is 0, negative, infinite, or NaN
   */
  public static double positive(CommandSpec command, String option, double value) {
    return check(command, option, value > 0, "be positive and finite", value);
  }

  /**
   * The value.
   *
   * @param command that is not understood where the value is negative
   * @param option its name, as in {@code --lr}
   * @throws ParameterException if the value is negative, infinite, or NaN
   */
  public static double notNegative(CommandSpec command, String option, double value) {
    return check(command, option, value >= 0, "be finite and not negative", value);
  }

  /**
   * The value.
   *
   * @param command that is not understood where the value is no fraction
   * @param option its name, as in {@code --momentum}
   * @throws ParameterException if the value is not in [0, 1)
   */
  public static double fraction(CommandSpec command, String option, double value) {
    return check(command, option, value >= 0 && value < 1, "be at least 0 and below 1", value);
  }

  private static double check(
      CommandSpec command, String option, boolean holds, String rule, double value) {
    if (!holds || !Double.isFinite(value)) {
      throw new ParameterException(
          command.commandLine(), "%s must %s, but is %s".formatted(option, rule, value));
    }
    return value;
  }
}
