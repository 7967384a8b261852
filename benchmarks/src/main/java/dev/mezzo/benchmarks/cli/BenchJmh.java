package dev.mezzo.benchmarks.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/** Hands everything to JMH. */
@Command(
    name = "jmh",
    description = "Runs the kernels' benchmarks under JMH, whose own options follow",
    footer = {
      "",
      "-h shows JMH's options, -l the benchmarks; -p threads=1,2 are numbers of threads,",
      "-p kernel='gemm NN 512x512x512 FP16' is any case that bench kernels prints."
    })
final class BenchJmh implements Callable<Integer> {

  @Option(names = "--help", usageHelp = true, description = "Show this help message and exit.")
  boolean help;

  @Unmatched List<String> options = new ArrayList<>();

  @Override
  public Integer call() throws IOException {
    Main.main(options.toArray(String[]::new));
    return ExitCode.OK;
  }
}
