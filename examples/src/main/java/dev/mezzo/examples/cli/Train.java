package dev.mezzo.examples.cli;

import picocli.CommandLine.Command;

/** Groups the examples that can be trained. */
@Command(
    name = "train",
    description = "Trains an example, tests it, and writes reports",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {TrainFashionMnist.class, TrainCharLm.class})
public final class Train {

  /** For picocli. */
  public Train() {}
}
