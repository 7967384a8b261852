package dev.mezzo.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.mezzo.Device;
import dev.mezzo.examples.data.Text;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TrainedText;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.AdamW;
import java.io.PrintWriter;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Advice on a model of text. */
@Command(
    name = "char-lm",
    description = "Says what a 16-bit format would do to a model of text",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class AdviseCharLm implements Callable<Integer> {

  @Spec CommandSpec spec;

  @Mixin TextOptions of;
  @Mixin AdviceOptions advice;
  @Mixin DeviceOptions deviceOptions;

  /** For picocli. */
  AdviseCharLm() {}

  @Override
  public Integer call() throws JsonProcessingException {
    advice.check();
    Text text = of.read();
    Device device = deviceOptions.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println(of.model.description() + ", on " + device);
    Random places = new Random(advice.seed);
    Recipe recipe =
        new Recipe(TrainingForm.FP32, AdamW.of(of.rate), 1f, advice.seed).withStatistics(1);
    try (TrainedText open = of.model.open(of.time, recipe)) {
      advice.advise(
          out,
          open.training(),
          () -> {
            try (Text.Sequences next = text.random(of.batch, of.time, open.timeFirst(), places)) {
              open.step(next.ids(), next.next());
            }
          });
    }
    return ExitCode.OK;
  }
}
