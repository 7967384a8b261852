package dev.mezzo.goldens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The generated code as text. {@code -Dmezzo.goldens=rewrite} rewrites the expected files; look at
 * the difference before it is committed.
 */
class GoldenTest {
  private static final Path EXPECTED = GoodSources.RESOURCES.resolve("expected");
  static final boolean REWRITE = "rewrite".equals(System.getProperty("mezzo.goldens"));
  private static final int WIDTH = 120;

  @TempDir static Path directory;

  private static Map<String, String> generated = Map.of();
  private static List<String> diagnostics = List.of();

  @BeforeAll
  static void compile() throws IOException {
    GoodSources sources = GoodSources.compile(directory);
    generated = sources.generated();
    diagnostics = sources.diagnostics();
    if (REWRITE) {
      for (Path old : GoodSources.files(EXPECTED)) {
        Files.delete(old);
      }
      for (Map.Entry<String, String> file : generated.entrySet()) {
        Files.writeString(EXPECTED.resolve(file.getKey()), file.getValue());
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> generatesWhatIsExpected() throws IOException {
    Map<String, String> expected = GoodSources.texts(EXPECTED);
    TreeSet<String> names = new TreeSet<>(generated.keySet());
    names.addAll(expected.keySet());
    assertTrue(names.size() >= 24, "sources in resources/good");
    return names.stream()
        .map(
            name ->
                dynamicTest(
                    name,
                    () ->
                        assertEquals(
                            expected.getOrDefault(name, "nothing"),
                            generated.getOrDefault(name, "nothing"))));
  }

  @Test
  void theCompilerHasNothingToSay() {
    assertEquals(List.of(), diagnostics);
  }

  @Test
  void aSecondCompilationGeneratesTheSame(@TempDir Path other) {
    assertEquals(generated, GoodSources.compile(other).generated());
  }

  @Test
  void linesAreShort() {
    List<String> tooLong =
        generated.values().stream()
            .flatMap(String::lines)
            .filter(line -> line.length() > WIDTH)
            .filter(line -> !line.startsWith(" * <tr>") && !line.startsWith("@SourceLines("))
            .toList();
    assertEquals(List.of(), tooLong);
  }
}
