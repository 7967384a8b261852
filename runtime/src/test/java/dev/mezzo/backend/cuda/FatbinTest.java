package dev.mezzo.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The fatbin that the jar carries is that of the sources; where nvcc is not, nobody can make it so.
 */
class FatbinTest {

  private static final String BUILD = "src/main/cuda/build.sh";

  @Test
  void theFatbinIsOfTheseSources() throws Exception {
    assumeTrue(isThere("nvcc"), "nvcc is not here, which could bring the fatbin up to date");
    String noted;
    try (InputStream in =
        KernelModule.class.getResourceAsStream(KernelModule.RESOURCE + ".sha256")) {
      noted = in == null ? "none" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    assertEquals(
        run(BUILD, "hash").strip(),
        noted,
        "the fatbin is not of these kernels: run runtime/src/main/cuda/build.sh and commit what it writes");
  }

  @Test
  void whatNvrtcIsGivenHasEachFileOnce() throws IOException {
    String source = KernelSource.joined("mezzo.cu");
    try (Stream<Path> files = Files.list(Path.of("src/main/cuda"))) {
      for (Path file : files.filter(one -> !one.toString().endsWith(".sh")).toList()) {
        if (!file.endsWith("mezzo.cu")) {
          String contract = Files.readString(file).lines().findFirst().orElseThrow();
          assertEquals(2, source.split(Pattern.quote(contract + "\n"), -1).length, contract);
        }
      }
    }
    assertFalse(source.contains("#include \""), "all that is included is there");
  }

  @Test
  @Tag("long")
  void everyArchitectureCompiles() throws Exception {
    assumeTrue(isThere("nvcc"), "nvcc is not here");
    String report = run(BUILD, "check");
    assertTrue(report.contains("sm_75") && report.contains("sm_90"), report);
    assertTrue(!report.contains("error"), report);
  }

  private static boolean isThere(String command) {
    String[] folders = System.getenv().getOrDefault("PATH", "").split(":");
    return java.util.Arrays.stream(folders)
        .anyMatch(folder -> Path.of(folder, command).toFile().canExecute());
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream out = process.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), text);
      return text;
    }
  }
}
