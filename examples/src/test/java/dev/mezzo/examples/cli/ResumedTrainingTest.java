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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code train --save} and {@code --resume}. */
class ResumedTrainingTest {

  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** 25 batches in an epoch: the first training ends within the second one. */
  @Test
  void imagesGoOnWhereTheyWere() throws IOException {
    String file = folder.resolve("training.safetensors").toString();
    String[] common = {"fashion-mnist", "--data=bundled", "--batch=400"};
    JsonNode whole = images(common, "--max-steps=40");
    assertEquals(0, run(common, "--max-steps=33", "--save=" + file), err::toString);
    assertTrue(out.toString().contains("Checkpoint, for --resume: " + file), out::toString);
    JsonNode rest = images(common, "--max-steps=40", "--resume=" + file, "--save=" + file);
    assertEquals(7, rest.path("losses").size());
    for (int i = 0; i < 7; i++) {
      assertEquals(whole.path("losses").get(33 + i), rest.path("losses").get(i), "step " + i);
    }
    assertEquals(whole.path("test_accuracy"), rest.path("test_accuracy"));
    JsonNode tested = images(common, "--epochs=0", "--half=none", "--resume=" + file);
    assertEquals(0, tested.path("losses").size());
    assertEquals(
        whole.path("test_accuracy").asDouble(), tested.path("test_accuracy").asDouble(), 0.01);
  }

  @Test
  void textGoesOnWhereItWas() throws IOException {
    Path text = folder.resolve("text");
    Files.writeString(text, "Über die Brücke, über den Fluss. ".repeat(400));
    String file = folder.resolve("training.safetensors").toString();
    String[] common = {
      "char-lm",
      "--text=" + text,
      "--model=lstm",
      "--batch=4",
      "--time=16",
      "--sample=8",
      "--validate-every=5",
      "--steps=12"
    };
    Path json = folder.resolve("text.json");
    assertEquals(0, run(common, "--json=" + json, "--save=" + file), err::toString);
    JsonNode whole = read(json).path("runs").get(0);
    assertEquals(0, run(common, "--json=" + json, "--resume=" + file), err::toString);
    JsonNode none = read(json).path("runs").get(0);
    assertEquals(0, none.path("losses").size());
    assertEquals(whole.path("sample"), none.path("sample"));
    assertEquals(
        whole.path("validations").get(2).path("loss"),
        none.path("validations").get(0).path("loss"));
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Path missing = folder.resolve("missing");
    String[] common = {"fashion-mnist", "--data=bundled"};
    assertEquals(1, run(common, "--resume=" + missing));
    assertTrue(
        err.toString().startsWith("mezzo: cannot read " + missing + ": there is no such file"),
        err::toString);
    Path other = Files.writeString(folder.resolve("other"), "not a checkpoint at all");
    assertEquals(1, run(common, "--max-steps=1", "--resume=" + other));
    assertTrue(
        err.toString().contains("mezzo: " + other + ": is no safetensors file"), err::toString);
    assertEquals(2, run(common, "--compare", "--resume=" + other));
    assertEquals(2, run(common, "--epochs=0"));
    assertTrue(err.toString().contains("--epochs must be at least 1"), err::toString);
    assertEquals(1, run(common, "--max-steps=1", "--save=" + folder));
  }

  private JsonNode images(String[] common, String... more) throws IOException {
    Path json = folder.resolve("images.json");
    List<String> options = new ArrayList<>(List.of(more));
    options.add("--json=" + json);
    assertEquals(0, run(common, options.toArray(String[]::new)), err::toString);
    return read(json).path("forms").get(0);
  }

  private static JsonNode read(Path json) throws IOException {
    return JsonMapper.builder().build().readTree(json.toFile());
  }

  private int run(String[] common, String... more) {
    List<String> arguments = new ArrayList<>(List.of(common));
    arguments.addAll(List.of(more));
    return OneLineErrors.tellErrorsOf(new CommandLine(new Train()))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments.toArray(String[]::new));
  }
}
