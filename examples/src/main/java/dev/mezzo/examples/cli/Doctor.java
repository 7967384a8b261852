package dev.mezzo.examples.cli;

import dev.mezzo.Backends;
import dev.mezzo.Devices;
import dev.mezzo.examples.data.DataException;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows what Mezzo finds on this machine. Status 1 where something needs a cure. */
@Command(
    name = "doctor",
    description =
        "Shows the JDK, vector width, threads, memory, backends and data that Mezzo finds, and the"
            + " cure for what it misses",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
public final class Doctor implements Callable<Integer> {

  /** The backend without which training on a processor is slow. */
  private static final String FAST = "vector";

  @Spec CommandSpec spec;
  @Mixin DataOptions dataOptions;
  @Mixin DeviceOptions deviceOptions;

  /** For picocli. */
  public Doctor() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    boolean well = true;
    line(out, "Mezzo", Version.mezzo());
    line(out, "Java", Version.java() + " at " + System.getProperty("java.home"));
    line(out, "System", Machine.system());
    line(out, "Memory", Machine.memory());
    line(out, "Vectors", Machine.vectors());
    for (Backends.Status backend : Backends.available()) {
      well &= backend.available() || !backend.name().equals(FAST);
      line(
          out,
          "Backend",
          backend.available()
              ? backend.name() + ": " + backend.reason()
              : backend.name() + " is missing: " + backend.reason() + "; " + backend.cure());
    }
    if (Devices.list().size() > 1) {
      Devices.libraries().forEach(library -> line(out, "Library", describe(library)));
    }
    line(out, "Uses", deviceOptions.open().toString());
    try {
      DataLocation location = dataOptions.location();
      line(
          out,
          "Data",
          "%s: %,d + %,d images read"
              .formatted(
                  location.description(),
                  FashionMnist.train(location).count(),
                  FashionMnist.test(location).count()));
    } catch (DataException e) {
      well = false;
      line(out, "Data", "unusable: " + e.getMessage());
    }
    out.println(well ? "All well." : "See above for what to cure.");
    out.flush();
    return well ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private static String describe(Devices.Library library) {
    String found =
        library.found()
            ? " " + library.description()
            : " is missing, which is no error: " + library.description();
    return library.name() + found + "; it " + library.use();
  }

  private static void line(PrintWriter out, String what, String found) {
    out.printf("%-9s%s%n", what, found);
  }
}
