package dev.mezzo.benchmarks.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Times kernels against the core's peak. */
@Command(
    name = "kernels",
    description = "Times kernels against the core's peak",
    mixinStandardHelpOptions = true)
final class BenchKernels implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getErr().println(spec.qualifiedName() + ": not there yet");
    return 1;
  }
}
