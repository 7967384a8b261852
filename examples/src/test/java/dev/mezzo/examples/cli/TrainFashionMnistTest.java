package dev.mezzo.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mezzo.Device;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class TrainFashionMnistTest {

  @TempDir Path folder;

  @Test
  void learnsInAFewSteps() throws IOException {
    JsonNode form = train("--max-steps=60");
    assertTrue(form.path("test_accuracy").asDouble() > 0.5, form.path("test_accuracy").toString());
    assertTrue(form.path("final_loss").asDouble() < 1.5, form.path("final_loss").toString());
    assertEquals(60, form.path("losses").size());
    assertTrue(form.path("saved_activation_bytes").asLong() > 0);
    assertEquals(form.path("weight_bytes").asLong(), 2 * form.path("shadow_bytes").asLong());
  }

  @Test
  void theConvolutionalNetworkLearnsInAFewSteps() throws IOException {
    JsonNode form = train("--model=cnn", "--max-steps=30", "--lr=0.02");
    assertTrue(form.path("test_accuracy").asDouble() > 0.4, form.path("test_accuracy").toString());
    assertTrue(form.path("final_loss").asDouble() < 1.5, form.path("final_loss").toString());
  }

  @Test
  void showsBothPrecisionsAndWhatTheyTakeImagesFor() throws IOException {
    Path picture = folder.resolve("images.png");
    Path page = folder.resolve("page.html");
    train("--max-steps=20", "--compare", "--picture=" + picture, "--html=" + page);
    BufferedImage image = ImageIO.read(picture.toFile());
    assertTrue(image.getWidth() > 900 && image.getHeight() > 600, image.toString());
    assertTrue(colours(image).containsAll(Set.of(0xff1a7f37, 0xffcf222e)), "right and wrong");
    String html = Files.readString(page);
    assertTrue(html.contains("One network, two precisions"), html);
    assertTrue(html.contains("<section hidden>"), "no gradients were looked at");
    assertFalse(html.contains("{{"));
  }

  private static Set<Integer> colours(BufferedImage image) {
    Set<Integer> colours = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        colours.add(image.getRGB(x, y));
      }
    }
    return colours;
  }

  @Test
  void looksAtGradientsAndUpdates() throws IOException {
    JsonNode form = train("--max-steps=8", "--statistics-every=4");
    JsonNode gradients = form.path("gradients");
    assertEquals(2, gradients.path("sampled_steps").asInt());
    assertTrue(gradients.path("updates").asLong() > 100_000);
    double lost = gradients.path("updates_lost_share").asDouble();
    assertTrue(lost >= 0 && lost < 0.5, "lost " + lost);
    assertTrue(gradients.path("below_fp16_before_scaling").asDouble() > 0);
  }

  @Test
  void withoutMasterWeightsUpdatesAreLost() throws IOException {
    String[] sampled = {"--max-steps=8", "--statistics-every=4", "--lr=0.001"};
    double mixed = lost(train(sampled));
    double noMaster =
        lost(train("--no-master", "--max-steps=8", "--statistics-every=4", "--lr=0.001"));
    assertTrue(noMaster > 0.5 && noMaster > 2 * mixed, noMaster + " against " + mixed);
  }

  @Test
  void theSameSeedGivesTheSameLosses() throws IOException {
    JsonNode once = train("--max-steps=5", "--half=none").path("losses");
    JsonNode again = train("--max-steps=5", "--half=none").path("losses");
    assertEquals(once, again);
  }

  @Test
  void leavesNoTensorBehind() throws IOException {
    train("--max-steps=2");
    long live = Device.current().memory().liveBytes();
    train("--max-steps=2");
    assertTrue(
        Device.current().memory().liveBytes() <= live + 8_000_000,
        "only a model's parameters may wait for the garbage collector");
  }

  @Test
  void aRateThatIsFarTooHighStopsWithTheLineOfTheOverflow() throws IOException {
    Path json = folder.resolve("stopped.json");
    int status =
        OneLineErrors.tellErrorsOf(new CommandLine(new Train()))
            .setOut(new PrintWriter(new StringWriter()))
            .execute(
                "fashion-mnist",
                "--data=bundled",
                "--batch=32",
                "--lr=1e30",
                "--max-steps=100",
                "--json=" + json);
    assertEquals(1, status);
    JsonNode form =
        JsonMapper.builder().build().readTree(Files.readString(json)).path("forms").path(0);
    assertEquals(50, form.path("skipped_steps").asInt());
    assertEquals(51, form.path("steps").asInt());
    String stopped = form.path("stopped").asText();
    assertTrue(stopped.contains("50 steps in a row were skipped"), stopped);
    assertTrue(stopped.contains("Linear.java:"), stopped);
    assertTrue(form.path("losses").path(50).isNull());
  }

  private static double lost(JsonNode form) {
    return form.path("gradients").path("updates_lost_share").asDouble();
  }

  /** With batch 32 on the bundled images; the run's form as JSON. */
  private JsonNode train(String... options) throws IOException {
    Path json = folder.resolve("train.json");
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        OneLineErrors.tellErrorsOf(new CommandLine(new Train()))
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    String[] arguments = new String[options.length + 4];
    arguments[0] = "fashion-mnist";
    arguments[1] = "--data=bundled";
    arguments[2] = "--batch=32";
    arguments[3] = "--json=" + json;
    System.arraycopy(options, 0, arguments, 4, options.length);
    assertEquals(0, command.execute(arguments), err.toString());
    assertTrue(out.toString().contains("test accuracy"), out.toString());
    return JsonMapper.builder().build().readTree(Files.readString(json)).path("forms").path(0);
  }
}
