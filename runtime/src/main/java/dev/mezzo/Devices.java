package dev.mezzo;

import dev.mezzo.backend.cuda.CudaLibrary;
import dev.mezzo.backend.cuda.CudaProbe;
import java.util.ArrayList;
import java.util.List;

/** The devices of this machine. */
public final class Devices {

  /** Name of the processor. */
  public static final String CPU = "cpu";

  /** Name of the first GPU; others are {@code cuda:1} and so on. */
  public static final String CUDA = "cuda";

  /** Name of the first GPU if there is one, else of the processor. */
  public static final String BEST = "best";

  private Devices() {}

  /** All that can be opened, the processor first. Looks for a GPU at each call. */
  public static List<Found> list() {
    List<Found> found = new ArrayList<>();
    found.add(
        new Found(
            CPU,
            Runtime.getRuntime().availableProcessors() + " threads on " + fastestOfProcessor()));
    List<String> gpus = CudaProbe.look().gpus();
    for (int i = 0; i < gpus.size(); i++) {
      found.add(new Found(CUDA + ":" + i, gpus.get(i)));
    }
    return found;
  }

  /**
   * The device of a name: {@code cpu}, {@code cuda}, {@code cuda:1}, {@code best}.
   *
   * @throws IllegalArgumentException if it is no such name
   * @throws dev.mezzo.backend.DeviceException if a GPU is named that cannot be used
   */
  public static Device named(String name) {
    if (name.matches(CUDA + "(:[0-9]{1,4})?")) {
      int colon = name.indexOf(':');
      return Device.cuda(colon < 0 ? 0 : Integer.parseInt(name.substring(colon + 1)));
    }
    return switch (name) {
      case CPU -> Device.cpu();
      case BEST -> Device.best();
      default ->
          throw new IllegalArgumentException(
              "must be cpu, cuda, cuda:N or best, but is '" + name + "'");
    };
  }

  /** The libraries that a GPU can do without, found or not. Looks at each call. */
  public static List<Library> libraries() {
    return CudaLibrary.look().stream()
        .map(one -> new Library(one.name(), one.found(), one.description(), one.use()))
        .toList();
  }

  private static String fastestOfProcessor() {
    return Backends.available().stream()
        .filter(status -> status.available() && !status.name().equals(CUDA))
        .findFirst()
        .map(status -> status.name() + ", " + status.reason())
        .orElseThrow();
  }

  /**
   * A library beside the driver.
   *
   * @param name as in {@code NVRTC}
   * @param found whether it is there
   * @param description its version and path; or why it is not there, with the cure
   * @param use what it gives
   */
  public record Library(String name, boolean found, String description, String use) {}

  /**
   * A device that can be opened.
   *
   * @param name as {@link #named} takes it
   * @param description what it is
   */
  public record Found(String name, String description) {

    /** The device. */
    public Device open() {
      return named(name);
    }
  }
}
