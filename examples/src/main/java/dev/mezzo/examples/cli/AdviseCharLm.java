package dev.mezzo.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.mezzo.Device;
import dev.mezzo.examples.data.KingJames;
import dev.mezzo.examples.data.Text;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TextModel;
import dev.mezzo.examples.training.TrainedText;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.AdamW;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Advice on a model of text. */
@Command(
    name = "char-lm",
    description = "Looks at a model of text",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class AdviseCharLm implements Callable<Integer> {

  @Spec CommandSpec spec;

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
      names = "--rate",
      paramLabel = "RATE",
      description = "AdamW's learning rate, default ${DEFAULT-VALUE}",
      defaultValue = "1e-3")
  float rate;

  @Mixin AdviceOptions advice;
  @Mixin DeviceOptions deviceOptions;

  /** For picocli. */
  AdviseCharLm() {}

  @Override
  public Integer call() throws JsonProcessingException {
    Text text = file == null ? KingJames.read() : Text.of(file);
    Device device = deviceOptions.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println(model.description() + ", on " + device);
    Random places = new Random(advice.seed);
    Recipe recipe =
        new Recipe(TrainingForm.FP32, AdamW.of(rate), 1f, advice.seed).withStatistics(1);
    try (TrainedText open = model.open(time, recipe)) {
      advice.advise(
          out,
          open.training(),
          () -> {
            try (Text.Sequences next = text.random(batch, time, open.timeFirst(), places)) {
              open.step(next.ids(), next.next());
            }
          });
    }
    return ExitCode.OK;
  }
}
