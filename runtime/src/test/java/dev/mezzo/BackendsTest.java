package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Backend;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The choice of a backend by properties. */
class BackendsTest {

  private static final String BACKEND = "mezzo.backend";
  private static final String THREADS = "mezzo.threads";

  @AfterEach
  void clear() {
    System.clearProperty(BACKEND);
    System.clearProperty(THREADS);
  }

  @Test
  void scalarIsAlwaysThere() {
    Backends.Status scalar = status("scalar");
    assertTrue(scalar.available());
    assertTrue(scalar.cure().isEmpty());
  }

  @Test
  void whatIsNotAvailableNamesItsCure() {
    for (Backends.Status status : Backends.available()) {
      assertFalse(status.reason().isEmpty());
      assertEquals(status.available(), status.cure().isEmpty(), status.toString());
    }
  }

  @Test
  void scalarCanBeAskedFor() {
    System.setProperty(BACKEND, "scalar");
    try (Backend backend = Backends.choose(2, "")) {
      assertTrue(backend.description().startsWith("scalar"));
    }
  }

  @Test
  void theFastestIsChosen() {
    try (Backend backend = Backends.choose(1, "")) {
      String expected = status("vector").available() ? "vector" : "scalar";
      assertTrue(backend.description().startsWith(expected), backend::description);
    }
  }

  @Test
  void anUnknownNameIsAnError() {
    System.setProperty(BACKEND, "cuda");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Backends.choose(1, ""));
    assertEquals("mezzo.backend must be scalar or vector, but is 'cuda'", e.getMessage());
  }

  @Test
  void theNumberOfThreadsIsChecked() {
    for (String bad : List.of("0", "-1", "two", "", "1000000")) {
      System.setProperty(THREADS, bad);
      IllegalArgumentException e = assertThrows(IllegalArgumentException.class, Backends::threads);
      assertEquals(
          "mezzo.threads must be a number from 1 to 9999, but is '" + bad + "'", e.getMessage());
    }
    System.setProperty(THREADS, "3");
    assertEquals(3, Backends.threads());
    assertThrows(IllegalArgumentException.class, () -> Backends.choose(0, ""));
  }

  @Test
  void withoutTheVectorModuleScalarRunsAndOneLineNamesTheFlag() throws Exception {
    String output = run("-XX:MaxDirectMemorySize=64m");
    assertTrue(output.contains("[1.0, 0.0] on scalar"), output);
    assertEquals(
        1, output.lines().filter(line -> line.contains(Backends.VECTOR_FLAG)).count(), output);
    assertFalse(output.contains("Error"), output);
  }

  @Test
  void withoutTheVectorModuleAskingForVectorIsAClearError() throws Exception {
    String output = run("-Dmezzo.backend=vector");
    assertTrue(
        output.contains(
            "IllegalStateException: mezzo.backend=vector: not available, this JVM was started without"
                + " the module jdk.incubator.vector; start it with --add-modules jdk.incubator.vector"),
        output);
  }

  /** The output of {@link Fallback} in a JVM of its own, without the vector module. */
  private static String run(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(options));
    command.add(Fallback.class.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream output = process.getInputStream()) {
      return new String(output.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Backends.Status status(String name) {
    return Backends.available().stream()
        .filter(s -> s.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
