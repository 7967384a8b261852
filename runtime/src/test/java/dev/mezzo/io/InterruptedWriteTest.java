package dev.mezzo.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C while a file is written: the old one or the new one is there, whole, and nothing else. */
class InterruptedWriteTest {

  private static final int SIZE = 64 << 20;
  private static final int TIMES = 4;

  @TempDir Path folder;

  @Test
  void leavesAWholeFileAndNothingBeside() throws IOException, InterruptedException {
    assumeFalse(
        System.getProperty("os.name", "").startsWith("Windows"), "signals are sent by kill");
    Path file = folder.resolve("report.bin");
    for (int i = 0; i < TIMES; i++) {
      Process writer = writer(file);
      try {
        await(writer); // a line when it begins
        Thread.sleep(40L * i); // somewhere within a write, mostly
        new ProcessBuilder("kill", "-INT", Long.toString(writer.pid())).start().waitFor();
        assertTrue(writer.waitFor(20, TimeUnit.SECONDS), "it goes on after Ctrl-C");
      } finally {
        writer.destroyForcibly();
      }
      List<String> names = names();
      assertTrue(names.isEmpty() || names.equals(List.of("report.bin")), names::toString);
      if (!names.isEmpty()) {
        byte[] found = Files.readAllBytes(file);
        assertEquals(SIZE, found.length);
        assertEquals(found[0], found[SIZE - 1], "of two writes");
      }
    }
  }

  private static Process writer(Path file) throws IOException {
    return new ProcessBuilder(
            "env",
            "--default-signal=INT", // which a build in the background would ignore
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-Xmx512m",
            "-cp",
            System.getProperty("java.class.path"),
            Writer.class.getName(),
            file.toString())
        .redirectErrorStream(true)
        .start();
  }

  private static void await(Process writer) throws IOException {
    int first = writer.getInputStream().read();
    assertEquals('b', first, "the writer did not begin");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  /** Writes a file again and again, each time of another byte. */
  static final class Writer {

    private Writer() {}

    /** Until it is stopped. */
    public static void main(String[] arguments) {
      byte[] bytes = new byte[SIZE];
      System.out.println("begins");
      for (byte i = 1; ; i++) {
        java.util.Arrays.fill(bytes, i);
        WholeFile.write(Path.of(arguments[0]), bytes);
      }
    }
  }
}
