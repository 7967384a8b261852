package dev.mezzo.benchmarks.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.benchmarks.compiler.ProcessorBenchmark;
import dev.mezzo.examples.cli.Bounds;
import dev.mezzo.examples.cli.CommandException;
import dev.mezzo.examples.cli.Version;
import dev.mezzo.io.WholeFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times what the annotation processor adds to javac. */
@Command(
    name = "processor",
    description =
        "Times what Mezzo adds to a javac run, in fresh JVMs: on layers that it generates, with and"
            + " without the processor, and without it on the layers and the code that it has"
            + " written",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class BenchProcessor implements Callable<Integer> {

  @Spec CommandSpec spec;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description = "annotated classes, default ${DEFAULT-VALUE}",
      defaultValue = "200")
  int layers;

  @Option(
      names = "--operations",
      paramLabel = "N",
      description = "operations in each, default ${DEFAULT-VALUE}",
      defaultValue = "30")
  int operations;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "runs of each kind, of which the median counts; default ${DEFAULT-VALUE}",
      defaultValue = "3")
  int runs;

  @Option(
      names = "--cpu",
      paramLabel = "N",
      description =
          "run javac on this CPU alone (Linux, taskset); -1: on all. Default ${DEFAULT-VALUE}",
      defaultValue = "0")
  int cpu;

  @Option(
      names = "--flag",
      paramLabel = "FLAG",
      description = "a flag for javac, as in --flag=-J-XX:TieredStopAtLevel=1")
  List<String> flags = List.of();

  @Option(names = "--json", paramLabel = "FILE", description = "write the numbers to FILE, too")
  @Nullable Path json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Bounds.atLeast(spec, "--layers", 1, layers);
    Bounds.atLeast(spec, "--operations", 1, operations);
    Bounds.atLeast(spec, "--runs", 1, runs);
    Bounds.atLeast(spec, "--cpu", -1, cpu);
    WholeFile.check(json);
    ProcessorBenchmark.Report report = measure();
    PrintWriter out = spec.commandLine().getOut();
    out.printf("%d layers of %d operations, seconds%n", layers, operations);
    print(out, "javac alone", report.without());
    print(out, "with Mezzo", report.with());
    print(out, "added", report.added());
    print(out, "  by the processor", report.processor());
    print(out, "  by javac, on " + report.lines() + " lines", report.added() - report.processor());
    out.flush();
    Path file = json;
    if (file != null) {
      WholeFile.write(file, JsonMapper.builder().build().writeValueAsString(report) + "\n");
    }
    return ExitCode.OK;
  }

  /** What javac, or taskset, says of flags and of the CPU is the user's to read. */
  private ProcessorBenchmark.Report measure() throws IOException, InterruptedException {
    var options = new ProcessorBenchmark.Options(layers, operations, runs, cpu, flags);
    try {
      return new ProcessorBenchmark(options).measure();
    } catch (IllegalStateException failed) {
      throw new CommandException(
          String.valueOf(failed.getMessage()).strip()
              + "\ngive other --flag, or --cpu=-1 for all CPUs");
    }
  }

  private static void print(PrintWriter out, String what, double seconds) {
    out.printf(Locale.ROOT, "%-32s %6.2f%n", what, seconds);
  }
}
