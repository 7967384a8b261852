package dev.mezzo.examples.cli;

import picocli.CommandLine.Command;

/** Groups the examples that can be trained. */
@Command(
    name = "train",
    description = "Trains an example",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {TrainFashionMnist.class, TrainCharLm.class})
public final class Train {

  /** For picocli. */
  public Train() {}
}
