package dev.mezzo.benchmarks.cli;

import dev.mezzo.examples.cli.Demo;
import dev.mezzo.examples.cli.Doctor;
import dev.mezzo.examples.cli.Train;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line, which the script {@code mezzo} starts. */
@Command(
    name = "mezzo",
    description = "Mixed precision training for the JVM, decided by the compiler",
    mixinStandardHelpOptions = true,
    subcommands = {Demo.class, Train.class, Bench.class, Doctor.class})
public final class Mezzo {
  Mezzo() {}

  /** Runs the subcommand that the arguments name and exits with its status. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new Mezzo()).execute(arguments));
  }
}
