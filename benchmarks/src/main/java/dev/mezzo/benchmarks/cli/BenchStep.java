package dev.mezzo.benchmarks.cli;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.Device;
import dev.mezzo.benchmarks.KernelTimes;
import dev.mezzo.benchmarks.StepBenchmark;
import dev.mezzo.benchmarks.StepBenchmark.Limits;
import dev.mezzo.benchmarks.workloads.Workloads;
import dev.mezzo.examples.cli.Bounds;
import dev.mezzo.examples.cli.DataOptions;
import dev.mezzo.examples.cli.DeviceOptions;
import dev.mezzo.examples.cli.FormOptions;
import dev.mezzo.examples.cli.Version;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.io.WholeFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times training steps, in the keys of the peers' scripts. */
@Command(
    name = "step",
    description =
        "Times training steps and prints one line of JSON, in the keys of the peers' scripts",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class BenchStep implements Callable<Integer> {

  @Spec CommandSpec spec;

  @Option(
      names = "--workload",
      paramLabel = "Wn",
      description = "what to train, default ${DEFAULT-VALUE}:${COMPLETION-CANDIDATES}",
      completionCandidates = Descriptions.class,
      defaultValue = "W1")
  Workloads workload;

  @Mixin FormOptions formOptions;
  @Mixin DeviceOptions deviceOptions;
  @Mixin DataOptions dataOptions;

  @Option(
      names = "--warm-up-steps",
      paramLabel = "N",
      description = "steps before timing, for the JIT compiler; default ${DEFAULT-VALUE}",
      defaultValue = "100")
  int warmUpSteps;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "time at least so many steps, default ${DEFAULT-VALUE}",
      defaultValue = "10")
  int steps;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "time for at least so long, default ${DEFAULT-VALUE}",
      defaultValue = "5")
  double seconds;

  @Option(
      names = "--max-seconds",
      paramLabel = "S",
      description = "stop timing after so long, default ${DEFAULT-VALUE}",
      defaultValue = "60")
  double maxSeconds;

  @Option(
      names = "--train-steps",
      paramLabel = "N",
      description = "train on to so many steps in all and test; by default no test",
      defaultValue = "0")
  int trainSteps;

  @Option(
      names = "--kernels",
      description = "also time each kernel, by name and shape, and print a table of them")
  boolean kernels;

  @Option(names = "--json", paramLabel = "FILE", description = "write the line to FILE, too")
  @Nullable Path json;

  @Override
  public Integer call() throws JsonProcessingException {
    Bounds.atLeast(spec, "--warm-up-steps", 0, warmUpSteps);
    Bounds.atLeast(spec, "--steps", 1, steps);
    Bounds.notNegative(spec, "--seconds", seconds);
    Bounds.positive(spec, "--max-seconds", maxSeconds);
    Bounds.atLeast(spec, "--train-steps", 0, trainSteps);
    WholeFile.check(json);
    DataLocation location = dataOptions.location();
    Device device = deviceOptions.open();
    KernelTimes times = new KernelTimes();
    if (kernels) {
      device = Device.of(times.backend(device.backend()));
      Device.setDefault(device);
    }
    StepBenchmark benchmark =
        new StepBenchmark(
            workload.on(location),
            formOptions.form(),
            new Limits(warmUpSteps, steps, seconds, maxSeconds, trainSteps));
    Map<String, Object> result = benchmark.measure(times::clear);
    result.put("workload", workload.name());
    result.put("peer", "mezzo " + Version.mezzo());
    result.put("threads", deviceOptions.threads());
    result.put("device", device.toString());
    result.put("java", Version.java());
    String line = JsonMapper.builder().build().writeValueAsString(result);
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    if (kernels && result.get("timed_steps") instanceof Integer timed) {
      out.print(times.table(timed));
    }
    out.flush();
    Path file = json;
    if (file != null) {
      WholeFile.write(file, line + "\n");
    }
    return ExitCode.OK;
  }

  /** What the workloads are, for the help. */
  static final class Descriptions implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      String all =
          Arrays.stream(Workloads.values())
              .map(workload -> String.format("%n%s: %s", workload, workload.description()))
              .collect(joining());
      return List.of(all).iterator();
    }
  }
}
