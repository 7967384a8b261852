package dev.mezzo.examples.cli;

import dev.mezzo.Device;
import dev.mezzo.HalfFormat;
import dev.mezzo.examples.data.Text;
import dev.mezzo.examples.report.ReportJson;
import dev.mezzo.examples.report.TextPage;
import dev.mezzo.examples.training.Checkpoints;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TextRun;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.io.WholeFile;
import dev.mezzo.optim.AdamW;
import dev.mezzo.optim.Schedule;
import dev.mezzo.scaling.LossScale;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a model of text, byte by byte. */
@Command(
    name = "char-lm",
    description = "Trains a model of text, validates it, and lets it write",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class TrainCharLm implements Callable<Integer> {

  private static final int MOST_SAMPLE = 1_000_000;

  @Spec CommandSpec spec;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "steps to train, default ${DEFAULT-VALUE}",
      defaultValue = "500")
  int steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of weights, places in the text, and the sample; default ${DEFAULT-VALUE}",
      defaultValue = "1")
  long seed;

  @Option(
      names = "--validate-every",
      paramLabel = "N",
      description = "steps from one validation to the next, default ${DEFAULT-VALUE}",
      defaultValue = "50")
  int validateEvery;

  @Option(
      names = "--sample",
      paramLabel = "N",
      description = "bytes that the model writes in the end, default ${DEFAULT-VALUE}",
      defaultValue = "300")
  int sample;

  @Option(names = "--compare", description = "train in FP32 as well, and show both")
  boolean compare;

  @Option(names = "--html", paramLabel = "FILE", description = "write curves and samples to FILE")
  @Nullable Path html;

  @Option(names = "--json", paramLabel = "FILE", description = "write all numbers to FILE")
  @Nullable Path json;

  @Mixin TextOptions of;
  @Mixin FormOptions formOptions;
  @Mixin CheckpointOptions checkpointOptions;
  @Mixin DeviceOptions deviceOptions;

  /** For picocli. */
  TrainCharLm() {}

  @Override
  public Integer call() {
    check();
    Checkpoints checkpoints = checkpointOptions.files(compare);
    Text text = of.read();
    Device device = deviceOptions.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println("Text: " + text.description());
    out.println(of.model.description() + ", on " + device);
    List<TextRun.Result> results = new ArrayList<>();
    if (compare) {
      results.add(run(fp32(), text, Checkpoints.none()));
    }
    results.add(run(formOptions.form(), text, checkpoints));
    results.forEach(result -> show(out, result));
    checkpointOptions.tell(out);
    write(out, text, results);
    out.flush();
    return ExitCode.OK;
  }

  private void check() {
    Bounds.atLeast(spec, "--steps", checkpointOptions.least(), steps);
    Bounds.atLeast(spec, "--validate-every", 1, validateEvery);
    Bounds.atLeast(spec, "--sample", 0, sample);
    Bounds.atMost(spec, "--sample", MOST_SAMPLE, sample);
    WholeFile.check(checkpointOptions.save, html, json);
  }

  private static TrainingForm fp32() {
    return new TrainingForm("FP32", "FP32", HalfFormat.NONE, true, LossScale.none());
  }

  private TextRun.Result run(TrainingForm form, Text text, Checkpoints checkpoints) {
    Schedule cosine = Schedule.cosine(of.rate, of.rate / 10, Math.max(1, steps));
    AdamW optimizer = AdamW.of(Schedule.warmUp(Math.max(1, steps / 20), cosine));
    Recipe recipe = new Recipe(form, optimizer, 1f, seed);
    var settings =
        new TextRun.Settings(
            of.model, recipe, steps, of.batch, of.time, validateEvery, checkpoints);
    try (ConsoleProgress progress = ConsoleProgress.onStandardError()) {
      return new TextRun(settings, text, progress).run(sample);
    }
  }

  private static void show(PrintWriter out, TextRun.Result result) {
    TextRun.Validation last = result.validations().getLast();
    out.printf(
        "%n%s: validation loss %.3f nats a byte (%.3f bits), %.1f %% of bytes right",
        result.form().description(), last.loss(), last.loss() / Math.log(2), 100 * last.accuracy());
    if (!result.losses().isEmpty()) {
      out.printf(
          "; %.1f ms a step, %.2f MB saved activations, %d skipped",
          1e3 * result.stepSeconds(), result.memory().savedActivations() / 1e6, result.skipped());
    }
    out.printf("%n%s%n", result.sample());
  }

  private void write(PrintWriter out, Text text, List<TextRun.Result> results) {
    if (html != null) {
      WholeFile.write(html, TextPage.of(of.model.description(), text.description(), results));
      out.println("Curves: " + html);
    }
    if (json != null) {
      Map<String, Object> all =
          Map.of("text", text.description(), "model", of.model.description(), "runs", results);
      WholeFile.write(json, ReportJson.of(all));
      out.println("All numbers: " + json);
    }
  }
}
