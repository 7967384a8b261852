package dev.mezzo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.backend.Backend;
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
    try (Backend backend = Backends.choose(2)) {
      assertTrue(backend.description().startsWith("scalar"));
    }
  }

  @Test
  void theFastestIsChosen() {
    try (Backend backend = Backends.choose(1)) {
      String expected = status("vector").available() ? "vector" : "scalar";
      assertTrue(backend.description().startsWith(expected), backend::description);
    }
  }

  @Test
  void anUnknownNameIsAnError() {
    System.setProperty(BACKEND, "cuda");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Backends.choose(1));
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
    assertThrows(IllegalArgumentException.class, () -> Backends.choose(0));
  }

  private static Backends.Status status(String name) {
    return Backends.available().stream()
        .filter(s -> s.name().equals(name))
        .findFirst()
        .orElseThrow();
  }
}
