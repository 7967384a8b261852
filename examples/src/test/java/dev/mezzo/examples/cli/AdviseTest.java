package dev.mezzo.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code advise}, on a few real steps. */
class AdviseTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void saysOfEachLayerOfTheMlpWhatFp16DoesToIt() throws IOException {
    Path json = directory.resolve("advice.json");
    assertEquals(0, run("fashion-mnist", "--steps", "2", "--json", json.toString()), err::toString);
    JsonNode advice = JsonMapper.builder().build().readTree(json.toFile());
    assertEquals("FP16", advice.get("format").asText());
    double scale = advice.get("staticScale").asDouble();
    assertTrue(scale >= 1 && scale <= 1 << 24, "scale " + scale);
    assertTrue(advice.get("layers").findValuesAsText("layer").contains("Linear net.first"));
    assertEquals(6, advice.get("weights").size());
    for (JsonNode weight : advice.get("weights")) {
      assertTrue(weight.get("gradients").get("least").asInt() < 0, weight.toString());
      double vanishing = weight.get("vanishing").asDouble();
      assertTrue(vanishing >= 0 && vanishing <= 1, weight.toString());
    }
    assertTrue(out.toString().contains("static loss scale for FP16: "), out.toString());
  }

  @Test
  void looksAtTextToo() throws IOException {
    Path text = directory.resolve("text");
    Files.writeString(text, "Über die Brücke, über den Fluss. ".repeat(400));
    int code =
        run(
            "char-lm",
            "--text",
            text.toString(),
            "--model",
            "lstm",
            "--steps",
            "1",
            "--batch",
            "2",
            "--time",
            "16",
            "--half",
            "bf16");
    assertEquals(0, code, err::toString);
    assertTrue(out.toString().contains("static loss scale for BF16: 1"), out.toString());
  }

  @Test
  void noStepIsAnErrorOfUsage() {
    assertEquals(2, run("fashion-mnist", "--steps", "0"));
    assertTrue(err.toString().contains("--steps must be at least 1"), err.toString());
  }

  @Test
  void whatDoesNotFitATextIsSaidBeforeTheModelIsMade() throws IOException {
    Path text = directory.resolve("text");
    Files.writeString(text, "Über die Brücke, über den Fluss. ".repeat(400));
    assertEquals(2, run("char-lm", "--text", text.toString(), "--batch", "0"));
    assertTrue(err.toString().contains("--batch must be at least 1"), err.toString());
    assertEquals(2, run("char-lm", "--text", text.toString(), "--time", "100000"));
    assertTrue(err.toString().contains("--time must be at most "), err.toString());
  }

  private int run(String... arguments) {
    return new CommandLine(new Advise())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(new OneLineErrors())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
