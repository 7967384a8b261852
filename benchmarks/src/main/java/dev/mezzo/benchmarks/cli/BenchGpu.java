package dev.mezzo.benchmarks.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.Device;
import dev.mezzo.benchmarks.kernels.GpuBenchmark;
import dev.mezzo.examples.cli.Bounds;
import dev.mezzo.examples.cli.DeviceOptions;
import dev.mezzo.examples.cli.Version;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times kernels on a device, in the names of benchmarks/gpu/torch_gpu.py. */
@Command(
    name = "gpu",
    description =
        "Times kernels of the size that GPUs are made for, and prints a line of JSON for each, in"
            + " the names of the script benchmarks/gpu/torch_gpu.py",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class BenchGpu implements Callable<Integer> {

  @Spec CommandSpec spec;
  @Mixin DeviceOptions deviceOptions;

  @Option(
      names = "--scale",
      paramLabel = "N",
      description = "divide sizes by N, to try it on a slow device; default ${DEFAULT-VALUE}",
      defaultValue = "1")
  int scale;

  BenchGpu() {}

  @Override
  public Integer call() throws JsonProcessingException {
    Bounds.atLeast(spec, "--scale", 1, scale);
    Device device = deviceOptions.open();
    PrintWriter out = spec.commandLine().getOut();
    JsonMapper json = JsonMapper.builder().build();
    for (GpuBenchmark.Result result : new GpuBenchmark(device.backend(), scale).measure()) {
      out.println(json.writeValueAsString(result));
      out.flush();
    }
    return 0;
  }
}
