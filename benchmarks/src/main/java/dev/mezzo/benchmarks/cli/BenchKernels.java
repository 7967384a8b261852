package dev.mezzo.benchmarks.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.Backends;
import dev.mezzo.Device;
import dev.mezzo.Devices;
import dev.mezzo.backend.DeviceException;
import dev.mezzo.benchmarks.kernels.DeviceBenchmark;
import dev.mezzo.benchmarks.kernels.KernelBenchmark;
import dev.mezzo.benchmarks.kernels.KernelResult;
import dev.mezzo.benchmarks.kernels.MachineLimits;
import dev.mezzo.examples.cli.Bounds;
import dev.mezzo.examples.cli.CommandException;
import dev.mezzo.examples.cli.Version;
import dev.mezzo.io.WholeFile;
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
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Times kernels beside what the machine can do at most. */
@Command(
    name = "kernels",
    description =
        "Times kernels beside what the machine can do at most, which is probed first: on the"
            + " processor multiply-adds in registers, and copies in the caches and in memory",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class BenchKernels implements Callable<Integer> {

  @Spec CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "where to compute: cpu, the vector backend; or cuda, cuda:1, whose limits are what a large"
              + " product and a large copy reach; default ${DEFAULT-VALUE}",
      defaultValue = Devices.CPU)
  String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      description = "threads to compute on, several numbers separated by commas; default 1 and all")
  List<Integer> threads = List.of();

  @Option(
      names = "--only",
      paramLabel = "TEXT",
      description = "kernels whose name, shape or types contain TEXT, as in 'gemm NT' or BF16",
      defaultValue = "")
  String only;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "time each kernel for so long, default ${DEFAULT-VALUE}",
      defaultValue = "0.2")
  double seconds;

  @Option(names = "--json", paramLabel = "FILE", description = "write the numbers to FILE, too")
  @Nullable Path json;

  @Override
  public Integer call() throws JsonProcessingException {
    for (int number : threads) {
      Bounds.atLeast(spec, "--threads", 1, number);
    }
    Bounds.positive(spec, "--seconds", seconds);
    WholeFile.check(json);
    return device.equals(Devices.CPU) ? onProcessor() : onDevice();
  }

  private int onProcessor() throws JsonProcessingException {
    for (Backends.Status backend : Backends.available()) {
      if (backend.name().equals("vector") && !backend.available()) {
        throw new CommandException(
            "no vector backend: " + backend.reason() + "; " + backend.cure());
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    KernelBenchmark benchmark =
        new KernelBenchmark(new KernelBenchmark.Options(numbersOfThreads(), only, seconds));
    KernelBenchmark.Report report =
        benchmark.measure(limits -> print(out, limits), result -> print(out, result));
    finish(report.kernels(), report);
    return ExitCode.OK;
  }

  private int onDevice() throws JsonProcessingException {
    if (!threads.isEmpty()) {
      throw new ParameterException(spec.commandLine(), "--threads is for --device cpu");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (Device opened = opened()) {
      DeviceBenchmark.Report report =
          new DeviceBenchmark(opened.backend(), only, seconds)
              .measure(limits -> print(out, opened, limits), result -> print(out, result));
      finish(report.kernels(), report);
    }
    return ExitCode.OK;
  }

  private Device opened() {
    try {
      return Devices.named(device);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--device " + e.getMessage(), e);
    } catch (DeviceException e) {
      throw new CommandException("--device " + device + ": " + e.getMessage());
    }
  }

  private void finish(List<KernelResult> kernels, Object report) throws JsonProcessingException {
    if (kernels.isEmpty()) {
      throw new CommandException(
          "no kernel whose name, shape or types contain '" + only + "'; leave --only out for all");
    }
    Path file = json;
    if (file != null) {
      WholeFile.write(file, JsonMapper.builder().build().writeValueAsString(report) + "\n");
    }
  }

  private List<Integer> numbersOfThreads() {
    if (!threads.isEmpty()) {
      return threads;
    }
    int all = Runtime.getRuntime().availableProcessors();
    return all == 1 ? List.of(1) : List.of(1, all);
  }

  private static void print(PrintWriter out, MachineLimits limits) {
    out.printf(
        Locale.ROOT,
        "%n%d %s: multiply-adds %.1f GFLOP/s; copies near %.1f, far %.1f, memory %.1f GB/s%n%n",
        limits.threads(),
        limits.threads() == 1 ? "thread" : "threads",
        limits.fmaGflops(),
        limits.nearCopy(),
        limits.farCopy(),
        limits.memoryCopy());
    printHead(out);
  }

  private static void print(PrintWriter out, Device device, DeviceBenchmark.Limits limits) {
    out.printf(
        Locale.ROOT,
        "%n%s: a large product %.1f GFLOP/s, a large copy %.1f GB/s%n%n",
        device,
        limits.productGflops(),
        limits.copyGbs());
    printHead(out);
  }

  private static void printHead(PrintWriter out) {
    out.printf(
        "%-28s %-20s %-10s %12s %12s %-8s %6s%n",
        "kernel", "shape", "types", "us", "rate", "", "share");
    out.flush();
  }

  private static void print(PrintWriter out, KernelResult result) {
    out.printf(
        Locale.ROOT,
        "%-28s %-20s %-10s %12.1f %12.1f %-8s %5.0f%%%n",
        result.kernel(),
        result.shape(),
        result.types(),
        result.microseconds(),
        result.rate(),
        result.unit(),
        100 * result.share());
    out.flush();
  }
}
