package dev.mezzo.examples.cli;

import picocli.CommandLine.Command;

/** Groups the examples that precision advice is given for. */
@Command(
    name = "advise",
    description =
        "Runs a few steps of an example in FP32, and says what a 16-bit format would do to them:"
            + " ranges of exponents, a static loss scale, layers to keep in FP32, updates that"
            + " vanish",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = {AdviseFashionMnist.class, AdviseCharLm.class})
public final class Advise {

  /** For picocli. */
  public Advise() {}
}
