package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine without a driver, or with one that does not open, in a JVM of its own. */
class NoDriverTest {

  @TempDir Path folder;

  @Test
  void whatWasLookedForIsSaidWithTheCure() throws Exception {
    Files.writeString(folder.resolve("libcuda.so.1"), "no library");
    String output = run("-Dmezzo.cuda.path=" + folder);
    assertTrue(output.startsWith("false: the CUDA driver was not found: "), output);
    assertTrue(output.contains(folder + "/libcuda.so.1"), output);
    assertTrue(output.contains("Install NVIDIA's driver"), output);
  }

  /** The output of {@link #main}, unless this machine has a driver. */
  private static String run(String option) throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            option,
            "-cp",
            System.getProperty("java.class.path"),
            NoDriverTest.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), text);
      org.junit.jupiter.api.Assumptions.assumeFalse(
          text.startsWith("true"), "this machine has a driver");
      return text;
    }
  }

  public static void main(String[] arguments) {
    CudaProbe probe = CudaProbe.look();
    System.out.println(probe.available() + ": " + probe.problem() + "; " + probe.cure());
  }
}
