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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** {@code train char-lm}, on a text that is easily learnt. */
class TrainCharLmTest {

  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @ParameterizedTest
  @ValueSource(strings = {"gpt", "lstm"})
  void learnsARefrain(String model) throws IOException {
    Path text = directory.resolve("text");
    Files.writeString(text, "Über die Brücke, über den Fluss. ".repeat(400));
    Path json = directory.resolve("numbers.json");
    Path html = directory.resolve("page.html");
    int code =
        run(
            "--text",
            text.toString(),
            "--model",
            model,
            "--steps",
            "40",
            "--batch",
            "4",
            "--time",
            "32",
            "--rate",
            "3e-3",
            "--sample",
            "20",
            "--validate-every",
            "20",
            "--compare",
            "--json",
            json.toString(),
            "--html",
            html.toString());
    assertEquals(0, code, err::toString);
    JsonNode runs = JsonMapper.builder().build().readTree(json.toFile()).get("runs");
    assertEquals(2, runs.size());
    for (JsonNode run : runs) {
      JsonNode validations = run.get("validations");
      double loss = validations.get(validations.size() - 1).get("loss").asDouble();
      assertTrue(loss < 2.5, "loss " + loss); // a uniform guess has 5.5
      assertTrue(run.get("sample").asText().length() > 30, run::toString);
    }
    assertTrue(Files.readString(html).contains("<svg"));
  }

  @Test
  void saysWhatIsWrongWithAText() throws IOException {
    Path text = directory.resolve("text");
    assertEquals(1, run("--text", text.toString()));
    assertTrue(err.toString().contains("no such file; give a text file in UTF-8"), err::toString);
    Files.write(text, new byte[] {'a', (byte) 0xff});
    run("--text", text.toString());
    assertTrue(err.toString().contains("byte 1: this is not UTF-8"), err::toString);
    Files.writeString(text, "short");
    run("--text", text.toString());
    assertTrue(err.toString().contains("at least 10000"), err::toString);
    run("--text", directory.toString());
    assertTrue(err.toString().contains(directory + " is a folder; give a text"), err::toString);
  }

  private int run(String... arguments) {
    return OneLineErrors.tellErrorsOf(new CommandLine(new TrainCharLm()))
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
