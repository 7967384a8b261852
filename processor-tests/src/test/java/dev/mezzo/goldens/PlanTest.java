package dev.mezzo.goldens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.testing.GoldenPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The plans beside the classes: as documents, and as goldens of a project's own tests. */
class PlanTest {
  private static final Path PLANS = GoodSources.RESOURCES.resolve("plans");

  @TempDir static Path directory;

  private static ClassLoader classes = PlanTest.class.getClassLoader();

  @BeforeAll
  static void compile() {
    classes = GoodSources.compile(directory).classes();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "BothPrecisions",
        "Branches",
        "Classifier",
        "Dense",
        "Deny",
        "Exact",
        "FullField",
        "HalfOnly",
        "Helpers",
        "Loops",
        "WithDropout"
      })
  void isAsKept(String layer) throws Exception {
    GoldenPlan.check(classes.loadClass("demo." + layer), PLANS);
  }

  @Test
  void everyPlanIsJsonAndTheSameAgain(@TempDir Path other) throws IOException {
    GoodSources.compile(other);
    List<Path> plans;
    try (var files = Files.list(directory.resolve("classes/META-INF/mezzo"))) {
      plans = files.sorted().toList();
    }
    assertTrue(plans.size() >= 24, plans.toString());
    for (Path plan : plans) {
      JsonNode json = JsonMapper.builder().build().readTree(plan.toFile());
      assertEquals(plan.getFileName().toString(), json.get("layer").asText() + ".json");
      assertArrayEquals(
          Files.readAllBytes(plan),
          Files.readAllBytes(
              other.resolve("classes/META-INF/mezzo").resolve(plan.getFileName().toString())));
    }
  }

  @Test
  void aChangedPlanIsShownValueByValue(@TempDir Path kept) throws Exception {
    assumeFalse(GoldenTest.REWRITE, "would rewrite");
    Class<?> layer = classes.loadClass("demo.WithDropout");
    String plan = Files.readString(PLANS.resolve("demo.WithDropout.json"));
    Path file = kept.resolve("demo.WithDropout.json");

    Files.writeString(file, plan.replaceAll("\"line\": \\d+", "\"line\": 1"));
    GoldenPlan.check(layer, kept);

    Files.writeString(
        file, plan.replaceFirst("\"saved\": true, \"readBy\"", "\"saved\": false, \"wasReadBy\""));
    AssertionError changed =
        assertThrows(AssertionError.class, () -> GoldenPlan.check(layer, kept));
    String message = String.valueOf(changed.getMessage());
    assertTrue(message.contains("saved false \u2192 true"), message);
    assertTrue(message.contains("-Dmezzo.goldens=rewrite accepts it"), message);

    Files.delete(file);
    AssertionError missing =
        assertThrows(AssertionError.class, () -> GoldenPlan.check(layer, kept));
    assertTrue(
        String.valueOf(missing.getMessage()).contains("no plan of demo.WithDropout is kept"));
  }

  @Test
  void aClassWithoutAPlanIsNoLayer(@TempDir Path kept) {
    var refused =
        assertThrows(IllegalArgumentException.class, () -> GoldenPlan.check(PlanTest.class, kept));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("is dev.mezzo.goldens.PlanTest a layer"));
  }
}
