package dev.mezzo.examples.cli;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** The machine and the JVM's view of it, in words. */
final class Machine {

  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private Machine() {}

  /** As in {@code Linux amd64, AMD EPYC 9B14, 2 processors}. */
  static String system() {
    return "%s %s%s, %d processors"
        .formatted(
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            processor(),
            Runtime.getRuntime().availableProcessors());
  }

  /** As in {@code 23.4 GiB, of which the heap may take 5.9 GiB}. */
  static String memory() {
    double whole =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    return String.format(
        Locale.ROOT,
        "%.1f GiB, of which the heap may take %.1f GiB; tensors are outside the heap",
        whole / (1 << 30),
        (double) Runtime.getRuntime().maxMemory() / (1 << 30));
  }

  /** As in {@code 512 bits (jdk.incubator.vector)}. */
  static String vectors() {
    if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
      return VECTOR_MODULE
          + " is not there; start Java with --add-modules "
          + VECTOR_MODULE
          + ", as ./mezzo does";
    }
    try {
      // By reflection: the module incubates, and this class must load without it.
      Object species =
          Class.forName(VECTOR_MODULE + ".FloatVector").getField("SPECIES_PREFERRED").get(null);
      Object bits =
          Class.forName(VECTOR_MODULE + ".VectorSpecies")
              .getMethod("vectorBitSize")
              .invoke(species);
      return bits + " bits (" + VECTOR_MODULE + ")";
    } catch (ReflectiveOperationException e) {
      return VECTOR_MODULE + " is there, but does not tell its width: " + e;
    }
  }

  /** The processor's name where the system tells it, after a comma. */
  private static String processor() {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return "";
    }
    try (Stream<String> lines = Files.lines(info)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .findFirst()
          .map(line -> ", " + line.substring(line.indexOf(':') + 1).strip())
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
