package dev.mezzo.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A training that is stopped from outside, as by Ctrl-C, in a JVM of its own. */
@EnabledOnOs(OS.LINUX)
class InterruptedTrainingTest {

  @TempDir Path folder;

  /** What {@code ./mezzo train} starts. */
  public static final class Main {
    private Main() {}

    /** Trains until it is stopped. */
    public static void main(String[] arguments) {
      System.exit(OneLineErrors.tellErrorsOf(new CommandLine(new Train())).execute(arguments));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void leavesOldFilesAsTheyAreAndNoHalfOnes(String signal)
      throws IOException, InterruptedException {
    Path json = Files.writeString(folder.resolve("numbers.json"), "{}\n");
    Process training = start(json);
    try {
      await(training, "Data: ");
      new ProcessBuilder("kill", "-" + signal, Long.toString(training.pid())).start().waitFor();
      assertTrue(training.waitFor(30, TimeUnit.SECONDS), "still running");
    } finally {
      training.destroyForcibly();
    }
    assertNotEquals(0, training.exitValue());
    assertEquals("{}\n", Files.readString(json));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(json), files.toList());
    }
  }

  /** The last whole checkpoint is there, and a training goes on from it. */
  @Test
  void leavesTheLastCheckpoint() throws IOException, InterruptedException {
    Path file = folder.resolve("training.safetensors");
    Path json = folder.resolve("numbers.json");
    Process training = start(json, "--save=" + file, "--max-steps=100000");
    try {
      await(training, " saved to ");
      Thread.sleep(300); // somewhere within a later epoch, or a write
      new ProcessBuilder("kill", "-INT", Long.toString(training.pid())).start().waitFor();
      assertTrue(training.waitFor(30, TimeUnit.SECONDS), "still running");
    } finally {
      training.destroyForcibly();
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
    int status =
        OneLineErrors.tellErrorsOf(new CommandLine(new Train()))
            .execute(
                "fashion-mnist", "--data=bundled", "--batch=32", "--epochs=0", "--resume=" + file);
    assertEquals(0, status);
  }

  private Process start(Path json, String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "--default-signal=INT", // which a build in the background would ignore
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "fashion-mnist",
                "--data=bundled",
                "--batch=32",
                "--epochs=1000",
                "--html=" + folder.resolve("page.html"),
                "--json=" + json));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  /**
   * Waits for a line, however long a busy machine takes. That of the data is written when all that
   * comes before the steps is done.
   */
  private static void await(Process training, String part) throws IOException {
    BufferedReader output = training.inputReader();
    StringBuilder before = new StringBuilder();
    String line;
    do {
      line = output.readLine();
      before.append(line).append('\n');
    } while (line != null && !line.contains(part));
    assertTrue(line != null, () -> "it ended by itself: " + before);
  }
}
