package dev.mezzo.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The plan of a layer, kept beside a project's tests: what is computed in which precision, cast and
 * saved. A change of the layer, or of Mezzo, that changes the plan fails the test and says what has
 * changed, value by value. Where the lines stand in the file does not matter.
 *
 * <pre>{@code
 * @Test
 * void plan() {
 *   GoldenPlan.check(Mlp.class, Path.of("src/test/resources/plans"));
 * }
 * }</pre>
 *
 * <p>{@code -Dmezzo.goldens=rewrite} writes the plans as they are instead.
 */
public final class GoldenPlan {
  /** The system property that rewrites plans: {@value}. */
  public static final String PROPERTY = "mezzo.goldens";

  private GoldenPlan() {}

  /**
   * Compares the plan that was compiled with the one in {@code directory}.
   *
   * @param layer an annotated class
   * @param directory of the kept plans, relative to the directory that the tests run in
   * @throws AssertionError if they differ, or none is kept yet; the message is the difference
   * @throws IllegalArgumentException if the class has no plan on the class path: it is no layer, or
   *     its resources are not there
   */
  public static void check(Class<?> layer, Path directory) {
    String name = String.valueOf(layer.getCanonicalName());
    String now = compiled(layer, name);
    Path file = directory.resolve(name + ".json");
    try {
      if ("rewrite".equals(System.getProperty(PROPERTY))) {
        Files.createDirectories(directory);
        Files.writeString(file, now);
      } else if (!Files.exists(file)) {
        throw new AssertionError(
            "no plan of " + name + " is kept in " + directory + "; " + cure("writes it"));
      } else {
        compare(name, PlanText.of(Files.readString(file)), PlanText.of(now));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void compare(String name, PlanText kept, PlanText now) {
    List<String> changes = kept.changes(now);
    if (!changes.isEmpty()) {
      throw new AssertionError(
          "the plan of "
              + name
              + " has changed; "
              + cure("accepts it")
              + "\n  "
              + String.join("\n  ", changes));
    }
  }

  private static String cure(String does) {
    return "-D" + PROPERTY + "=rewrite " + does;
  }

  private static String compiled(Class<?> layer, String name) {
    String path = "META-INF/mezzo/" + name + ".json";
    ClassLoader loader = layer.getClassLoader();
    try (InputStream plan = loader == null ? null : loader.getResourceAsStream(path)) {
      if (plan == null) {
        throw new IllegalArgumentException(
            path + " is not on the class path; is " + name + " a layer that Mezzo has compiled?");
      }
      return new String(plan.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
