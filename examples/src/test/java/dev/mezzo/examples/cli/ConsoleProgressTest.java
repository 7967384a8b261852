package dev.mezzo.examples.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.mezzo.Applied;
import dev.mezzo.examples.training.TrainingForm;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleProgressTest {

  /** Whoever presses Ctrl-C wants to know what is on the disk by then. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void eachCheckpointIsALineWhenItIsMade(boolean terminal) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (ConsoleProgress progress = new ConsoleProgress(err, terminal)) {
      progress.begins(TrainingForm.FP32, 0, 40);
      progress.step(25, new Applied(1.5f, 1, 25), 0);
      progress.epoch(1, 0.5);
      progress.saved(Path.of("cnn.safetensors"));
      String shown = bytes.toString(StandardCharsets.UTF_8);
      assertTrue(
          shown.contains("step 25 saved to cnn.safetensors" + System.lineSeparator()), shown);
    }
  }

  /** A checkpoint that was only tested has an accuracy, and no loss of a step. */
  @Test
  void withoutAStepThereIsNoLoss() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    try (ConsoleProgress progress = new ConsoleProgress(err, false)) {
      progress.begins(TrainingForm.FP32, 30, 30);
      progress.validated(1.25, 0.5);
      assertEquals(
          "FP32        step 30 of 30  val 1.250 acc 50.0%",
          bytes.toString(StandardCharsets.UTF_8).strip());
    }
  }
}
