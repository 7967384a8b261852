package dev.mezzo.examples.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains an example. */
@Command(name = "train", description = "Trains an example", mixinStandardHelpOptions = true)
public final class Train implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getErr().println(spec.qualifiedName() + ": not there yet");
    return 1;
  }
}
