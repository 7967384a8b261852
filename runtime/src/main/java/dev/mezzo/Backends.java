package dev.mezzo;

import dev.mezzo.backend.Backend;
import dev.mezzo.backend.DeviceException;
import dev.mezzo.backend.cuda.CudaBackend;
import dev.mezzo.backend.cuda.CudaProbe;
import dev.mezzo.backend.scalar.ScalarBackend;
import dev.mezzo.backend.vector.VectorBackend;
import java.util.List;

/**
 * The implementations of {@link Backend}, and the choice among them. The only class that names
 * them.
 */
public final class Backends {

  static final String VECTOR_MODULE = "jdk.incubator.vector";
  static final String VECTOR_FLAG = "--add-modules " + VECTOR_MODULE;

  private static final System.Logger LOG = System.getLogger("dev.mezzo");

  static {
    // The descriptor does not require the module (javac would warn each user); so it is read here.
    Module mezzo = Backends.class.getModule();
    ModuleLayer.boot().findModule(VECTOR_MODULE).ifPresent(vector -> mezzo.addReads(vector));
  }

  private Backends() {}

  /**
   * A backend and whether this JVM can run it.
   *
   * @param name value of the property {@code mezzo.backend} that asks for it
   * @param reason what it is, or why it is not available
   * @param cure what to do to make it available; empty where it is
   */
  public record Status(String name, boolean available, String reason, String cure) {}

  /** All backends, first those of the processor, the preferred first. */
  public static List<Status> available() {
    return List.of(
        vectorStatus(),
        new Status("scalar", true, "plain loops on one thread; the reference and the fallback", ""),
        cudaStatus());
  }

  /**
   * The number of threads that {@code mezzo.threads} asks for, by default one for each processor.
   */
  static int threads() {
    String asked = System.getProperty("mezzo.threads");
    if (asked == null) {
      return Runtime.getRuntime().availableProcessors();
    }
    if (!asked.matches("[1-9][0-9]{0,3}")) {
      throw new IllegalArgumentException(
          "mezzo.threads must be a number from 1 to 9999, but is '" + asked + "'");
    }
    return Integer.parseInt(asked);
  }

  /**
   * The backend of the processor that {@code mezzo.backend} asks for, by default the first
   * available; says which and why in one line.
   *
   * @param note what the line says besides
   */
  static Backend choose(int threads, String note) {
    if (threads < 1 || threads > Device.MOST_THREADS) {
      throw new IllegalArgumentException(
          "a device has from 1 to %d threads, but %d are asked for"
              .formatted(Device.MOST_THREADS, threads));
    }
    String asked = System.getProperty("mezzo.backend", "");
    return switch (asked) {
      case "scalar" -> chosen(new ScalarBackend(), "asked for by mezzo.backend");
      case "vector" -> chosen(requiredVector(threads), "asked for by mezzo.backend");
      case "" -> fastest(threads, note);
      default ->
          throw new IllegalArgumentException(
              "mezzo.backend must be scalar or vector, but is '" + asked + "'");
    };
  }

  private static Backend fastest(int threads, String note) {
    Status vector = vectorStatus();
    if (vector.available()) {
      return chosen(vector(threads), "the fastest that is available" + note);
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "Mezzo runs on plain loops, slowly: the vector backend is not available, "
            + vector.reason()
            + "; "
            + vector.cure());
    return new ScalarBackend();
  }

  private static Backend requiredVector(int threads) {
    Status vector = vectorStatus();
    if (!vector.available()) {
      throw new IllegalStateException(
          "mezzo.backend=vector: not available, " + vector.reason() + "; " + vector.cure());
    }
    return vector(threads);
  }

  private static Backend chosen(Backend backend, String reason) {
    LOG.log(System.Logger.Level.INFO, "Mezzo runs on " + backend.description() + ": " + reason);
    return backend;
  }

  /**
   * The {@code ordinal}th GPU.
   *
   * @throws DeviceException if it cannot be used
   */
  static Backend cuda(int ordinal) {
    CudaProbe probe = CudaProbe.look();
    if (!probe.available()) {
      throw new DeviceException("no GPU: " + probe.problem() + ". Cure: " + probe.cure());
    }
    return chosen(new CudaBackend(ordinal), "asked for");
  }

  /** Why there is no GPU; empty if there is one. */
  static String cudaProblem() {
    return CudaProbe.look().problem();
  }

  private static Status cudaStatus() {
    CudaProbe probe = CudaProbe.look();
    return probe.available()
        ? new Status("cuda", true, String.join("; ", probe.gpus()) + "; " + probe.driver(), "")
        : new Status("cuda", false, probe.problem(), probe.cure());
  }

  private static Status vectorStatus() {
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      return new Status(
          "vector",
          false,
          "this JVM was started without the module " + VECTOR_MODULE,
          "start it with " + VECTOR_FLAG);
    }
    String reason = "the JDK's Vector API, " + VectorBackend.lanes() + " FP32 lanes";
    return new Status("vector", true, reason, "");
  }

  /** Loads the class, which needs the module: only where {@link #vectorStatus} found it. */
  private static Backend vector(int threads) {
    return new VectorBackend(threads);
  }
}
