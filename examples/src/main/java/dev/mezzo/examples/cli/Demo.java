package dev.mezzo.examples.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains one network in four precisions and shows them side by side. */
@Command(
    name = "demo",
    description = "Trains one network in four precisions and shows them side by side",
    mixinStandardHelpOptions = true)
public final class Demo implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getErr().println(spec.qualifiedName() + ": not there yet");
    return 1;
  }
}
