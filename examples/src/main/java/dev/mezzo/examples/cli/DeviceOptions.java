package dev.mezzo.examples.cli;

import dev.mezzo.Device;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What to compute on. */
public final class DeviceOptions {

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads to compute on; by default one for each processor")
  @Nullable Integer threads;

  /** For picocli. */
  public DeviceOptions() {}

  /** The number of threads that the options ask for, or that there are processors. */
  public int threads() {
    Integer asked = threads;
    return asked == null ? Runtime.getRuntime().availableProcessors() : asked;
  }

  /** Makes the device the default one of tensors, and returns it. */
  public Device open() {
    Integer asked = threads;
    if (asked == null) {
      return Device.current();
    }
    Device device = Device.cpu(Bounds.atLeast(spec, "--threads", 1, asked));
    Device.setDefault(device);
    return device;
  }
}
