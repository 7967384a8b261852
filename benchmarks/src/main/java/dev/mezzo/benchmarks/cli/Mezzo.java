package dev.mezzo.benchmarks.cli;

import dev.mezzo.examples.cli.Advise;
import dev.mezzo.examples.cli.Demo;
import dev.mezzo.examples.cli.Doctor;
import dev.mezzo.examples.cli.OneLineErrors;
import dev.mezzo.examples.cli.Train;
import dev.mezzo.examples.cli.Version;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command line, which the script {@code mezzo} starts. */
@Command(
    name = "mezzo",
    description = "Mixed precision training for the JVM, decided by the compiler",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {Demo.class, Train.class, Advise.class, Bench.class, Doctor.class},
    footer = {
      "",
      "Status: 0 done; 1 failed, with a line on standard error; 2 not understood.",
      "Try: mezzo demo"
    })
public final class Mezzo {

  @Option(
      names = OneLineErrors.VERBOSE,
      description = "show where an error came from",
      scope = ScopeType.INHERIT)
  boolean verbose;

  Mezzo() {}

  /** Runs the subcommand that the arguments name and exits with its status. */
  public static void main(String[] arguments) {
    setDefault("java.util.logging.SimpleFormatter.format", "%5$s%n");
    setDefault("java.awt.headless", "true");
    System.exit(commandLine().execute(arguments));
  }

  /** The whole command line. */
  static CommandLine commandLine() {
    return OneLineErrors.tellErrorsOf(new CommandLine(new Mezzo()));
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }
}
