package dev.mezzo.benchmarks.cli;

import dev.mezzo.Device;
import dev.mezzo.benchmarks.ReplayBenchmark;
import dev.mezzo.examples.cli.Bounds;
import dev.mezzo.examples.cli.Version;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times what it costs a step that it could be run again. */
@Command(
    name = "replay",
    description =
        "Times steps of a small network that do not overflow, by turns with and without what it takes"
            + " to run a skipped one again and name where it overflowed: CPU time, on one thread",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class BenchReplay implements Callable<Integer> {

  @Spec CommandSpec spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "times to measure both kinds, default ${DEFAULT-VALUE}",
      defaultValue = "40")
  int rounds;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "of either kind in a round, default ${DEFAULT-VALUE}",
      defaultValue = "2000")
  int steps;

  /** For picocli. */
  BenchReplay() {}

  @Override
  public Integer call() {
    Bounds.atLeast(spec, "--rounds", 1, rounds);
    Bounds.atLeast(spec, "--steps", 1, steps);
    Device.setDefault(Device.cpu(1));
    ReplayBenchmark.Result result = ReplayBenchmark.measure(rounds, steps);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        Locale.ROOT,
        "step %.1f us with, %.1f us without; median of %d ratios %.4f%n",
        result.with(),
        result.without(),
        rounds,
        result.ratio());
    out.flush();
    return ExitCode.OK;
  }
}
