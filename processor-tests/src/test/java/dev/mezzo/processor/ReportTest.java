package dev.mezzo.processor;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code -Amezzo.report}: the page of a module. */
class ReportTest {
  private static final Pattern LAYER =
      Pattern.compile("<script type=\"application/json\"[^>]*data-layer=\"(.*?)\">(.*?)</script>");

  @TempDir Path directory;

  @Test
  void showsSourceCodeAndWhereTheValuesAre() throws IOException {
    compile("-Amezzo.report", layer("First", "relu(x)"));
    JsonNode layer = requireNonNull(layers(page()).get("demo.First"));
    String text = layer.get("text").asText();
    assertTrue(text.startsWith("@Half"), text);
    assertTrue(layer.get("code").asText().contains("final class MixedFirst"));
    JsonNode span = layer.get("spans").get(0);
    assertEquals("relu(x)", text.substring(span.get(0).asInt(), span.get(1).asInt()));
    assertEquals("y", span.get(3).asText());
    assertEquals(5, layer.get("line").asInt());
  }

  @Test
  void needsNothingFromElsewhere() throws IOException {
    compile("-Amezzo.report", layer("First", "relu(x)"));
    String page = Files.readString(page());
    assertFalse(Pattern.compile("https?:|src=|@import|url\\(").matcher(page).find());
  }

  @Test
  void keepsLayersThatAreNotCompiledAgainAndStillExist() throws IOException {
    compile("-Amezzo.report", layer("First", "relu(x)"), layer("Second", "relu(x)"));
    compile("-Amezzo.report", layer("First", "exp(x)"));
    Map<String, JsonNode> layers = layers(page());
    assertEquals(List.of("demo.First", "demo.Second"), List.copyOf(layers.keySet()));
    assertTrue(requireNonNull(layers.get("demo.First")).get("text").asText().contains("exp(x)"));

    Files.delete(page().resolveSibling("demo.Second.json"));
    compile("-Amezzo.report", layer("First", "relu(x)"));
    assertEquals(List.of("demo.First"), List.copyOf(layers(page()).keySet()));
  }

  @Test
  void isWrittenWhereTheOptionSays() throws IOException {
    Path page = directory.resolve("reports").resolve("plan.html");
    compile("-Amezzo.report=" + page, layer("First", "relu(x)"));
    assertEquals(List.of("demo.First"), List.copyOf(layers(page).keySet()));
    assertFalse(Files.exists(page()));
  }

  @Test
  void isNotWrittenUnasked() throws IOException {
    compile("-Amezzo.report=false", layer("First", "relu(x)"));
    assertFalse(Files.exists(page()));
  }

  private Path page() {
    return directory.resolve("classes/META-INF/mezzo/report.html");
  }

  private static Map<String, JsonNode> layers(Path page) throws IOException {
    Map<String, JsonNode> layers = new TreeMap<>();
    Matcher layer = LAYER.matcher(Files.readString(page));
    while (layer.find()) {
      layers.put(layer.group(1), JsonMapper.builder().build().readTree(layer.group(2)));
    }
    return layers;
  }

  private Path layer(String name, String result) throws IOException {
    return Files.writeString(
        directory.resolve(name + ".java"),
        """
        package demo;
        import static dev.mezzo.Ops.*;
        import dev.mezzo.Tensor;
        import dev.mezzo.annotations.Half;
        @Half
        public record %s() {
          public Tensor forward(Tensor x) {
            return %s;
          }
        }
        """
            .formatted(name, result));
  }

  private void compile(String option, Path... sources) throws IOException {
    Path classes = Files.createDirectories(directory.resolve("classes"));
    String classPath = System.getProperty("java.class.path");
    List<String> arguments = new ArrayList<>(List.of(option, "-d", classes.toString()));
    arguments.addAll(List.of("-classpath", classPath, "-processorpath", classPath));
    arguments.addAll(List.of("-processor", MezzoProcessor.class.getName()));
    var javac = ToolProvider.getSystemJavaCompiler();
    StringWriter output = new StringWriter();
    try (var files = javac.getStandardFileManager(null, null, null)) {
      var units = files.getJavaFileObjectsFromPaths(Stream.of(sources).toList());
      assertTrue(
          javac.getTask(output, files, null, arguments, null, units).call(), output.toString());
    }
  }
}
