package dev.mezzo.examples.cli;

import dev.mezzo.Device;
import dev.mezzo.Devices;
import dev.mezzo.backend.DeviceException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What to compute on. */
public final class DeviceOptions {

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "where to compute: cpu, cuda (the first GPU), cuda:1 (another), or best (a GPU if there is"
              + " one); default ${DEFAULT-VALUE}",
      defaultValue = Devices.CPU)
  String device;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads to compute on; by default one for each processor")
  @Nullable Integer threads;

  /** For picocli. */
  public DeviceOptions() {
    device = Devices.CPU;
  }

  /** The number of threads that the options ask for, or that there are processors. */
  public int threads() {
    Integer asked = threads;
    return asked == null ? Runtime.getRuntime().availableProcessors() : asked;
  }

  /** Makes the device the default one of tensors, and returns it. */
  public Device open() {
    Integer asked = threads;
    if (!device.equals(Devices.CPU)) {
      if (asked != null) {
        throw new ParameterException(spec.commandLine(), "--threads is for --device cpu");
      }
      return openNamed();
    }
    if (asked == null) {
      return Device.current();
    }
    Bounds.atLeast(spec, "--threads", 1, asked);
    Device cpu = Device.cpu(Bounds.atMost(spec, "--threads", Device.MOST_THREADS, asked));
    Device.setDefault(cpu);
    return cpu;
  }

  private Device openNamed() {
    try {
      Device named = Devices.named(device);
      Device.setDefault(named);
      return named;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--device " + e.getMessage(), e);
    } catch (DeviceException e) {
      throw new CommandException(
          "--device " + device + ": " + e.getMessage() + "; or use --device cpu");
    }
  }
}
