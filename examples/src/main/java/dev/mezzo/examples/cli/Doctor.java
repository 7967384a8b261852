package dev.mezzo.examples.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows the JDK, the vector width, the threads and the backends found. */
@Command(
    name = "doctor",
    description = "Shows the JDK, the vector width, the threads and the backends found",
    mixinStandardHelpOptions = true)
public final class Doctor implements Callable<Integer> {
  @Spec CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine().getErr().println(spec.qualifiedName() + ": not there yet");
    return 1;
  }
}
