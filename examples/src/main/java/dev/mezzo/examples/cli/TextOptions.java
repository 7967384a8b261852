package dev.mezzo.examples.cli;

import dev.mezzo.examples.data.KingJames;
import dev.mezzo.examples.data.Text;
import dev.mezzo.examples.training.TextModel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A text, a model of it, and how much of it a step reads. */
final class TextOptions {

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      description =
          "a text in UTF-8; default the King James Bible, where Debian's bible-kjv is installed")
  @Nullable Path file;

  @Option(
      names = "--model",
      paramLabel = "gpt|lstm",
      description = "the network, default ${DEFAULT-VALUE}",
      defaultValue = "gpt")
  TextModel model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "sequences of a step, default ${DEFAULT-VALUE}",
      defaultValue = "16")
  int batch;

  @Option(
      names = "--time",
      paramLabel = "N",
      description = "bytes of a sequence, default ${DEFAULT-VALUE}",
      defaultValue = "128")
  int time;

  @Option(
      names = {"--lr", "--rate"},
      paramLabel = "RATE",
      description = "AdamW's learning rate, default ${DEFAULT-VALUE}",
      defaultValue = "1e-3")
  float rate;

  /** For picocli. */
  TextOptions() {}

  /**
   * Reads the text.
   *
   * @throws ParameterException if a number is below 1, or the text is too short for it
   */
  Text read() {
    Bounds.atLeast(spec, "--batch", 1, batch);
    Bounds.atLeast(spec, "--time", 1, time);
    Bounds.notNegative(spec, "--lr", rate);
    Text text = file == null ? KingJames.read() : Text.of(file);
    if (time > text.validation().length - 2) {
      throw new ParameterException(
          spec.commandLine(),
          "--time must be at most %d, the last tenth of the text less 2, but is %d"
              .formatted(text.validation().length - 2, time));
    }
    Bounds.atMost(spec, "--batch", Integer.MAX_VALUE / time, batch);
    return text;
  }
}
