package dev.mezzo.benchmarks.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Times training steps, in the keys of the peers' scripts. */
@Command(
    name = "step",
    description = "Times training steps, in the keys of the peers' scripts",
    mixinStandardHelpOptions = true)
final class BenchStep implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getErr().println(spec.qualifiedName() + ": not there yet");
    return 1;
  }
}
