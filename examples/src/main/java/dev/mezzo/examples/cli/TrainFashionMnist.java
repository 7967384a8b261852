package dev.mezzo.examples.cli;

import dev.mezzo.Device;
import dev.mezzo.HalfFormat;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.report.Page;
import dev.mezzo.examples.report.PictureSheet;
import dev.mezzo.examples.report.Report;
import dev.mezzo.examples.report.ReportJson;
import dev.mezzo.examples.report.Setup;
import dev.mezzo.examples.report.TextTable;
import dev.mezzo.examples.training.Checkpoints;
import dev.mezzo.examples.training.Network;
import dev.mezzo.examples.training.Run;
import dev.mezzo.examples.training.RunResult;
import dev.mezzo.examples.training.RunSettings;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.io.WholeFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network in one form. */
@Command(
    name = "fashion-mnist",
    description = "Trains a network on Fashion-MNIST and tests it",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class TrainFashionMnist implements Callable<Integer> {

  @Spec CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "mlp|cnn|resnet18",
      description = "the network, default ${DEFAULT-VALUE}",
      defaultValue = "mlp")
  Network network;

  @Mixin FormOptions formOptions;
  @Mixin LengthOptions length;
  @Mixin OptimizerOptions optimizerOptions;
  @Mixin CheckpointOptions checkpointOptions;
  @Mixin DataOptions dataOptions;
  @Mixin DeviceOptions deviceOptions;

  @Option(
      names = "--clip-norm",
      paramLabel = "NORM",
      description = "scale the gradients down where the norm of all of them is greater")
  @Nullable Float clipNorm;

  @Option(
      names = "--statistics-every",
      paramLabel = "STEPS",
      description = "look at gradients and updates every so many steps, default never",
      defaultValue = "0")
  int statisticsEvery;

  @Option(names = "--compare", description = "train in FP32 as well, and show both")
  boolean compare;

  @Option(
      names = "--picture",
      paramLabel = "FILE",
      description = "write test images and what they are taken for to FILE, a PNG")
  @Nullable Path picture;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "write a page with curves, numbers and images to FILE")
  @Nullable Path html;

  @Option(names = "--json", paramLabel = "FILE", description = "write all numbers to FILE")
  @Nullable Path json;

  /** For picocli. */
  TrainFashionMnist() {}

  @Override
  public Integer call() {
    WholeFile.check(checkpointOptions.save, picture, html, json);
    Checkpoints checkpoints = checkpointOptions.files(compare);
    DataLocation location = dataOptions.location();
    LabeledImages train = FashionMnist.train(location);
    LabeledImages test = FashionMnist.test(location);
    Device device = deviceOptions.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println("Data: " + location.description());
    RunSettings settings = settings(train);
    Setup setup =
        new Setup(
            Version.mezzo(),
            Version.java(),
            device.toString(),
            location.description(),
            train.count(),
            test.count(),
            network.description(),
            optimizerOptions.describe(),
            settings.batch(),
            settings.epochs(),
            settings.seed(),
            settings.sampleEvery());
    List<RunResult> results = new ArrayList<>();
    try (ConsoleProgress progress = ConsoleProgress.onStandardError()) {
      if (compare && settings.form().half() != HalfFormat.NONE) {
        results.add(new Run(settings.in(TrainingForm.FP32), train, test, progress).run());
      }
      results.add(new Run(settings, train, test, progress, checkpoints).run());
    }
    Report report = new Report(setup, results);
    results.forEach(result -> out.println(result.form().description()));
    out.print(TextTable.of(report));
    checkpointOptions.tell(out);
    write(out, report, test);
    out.flush();
    return results.getLast().stopped() == null ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private void write(PrintWriter out, Report report, LabeledImages test) {
    if (picture != null) {
      WholeFile.write(picture, PictureSheet.png(test, report.runs()));
      out.println("Images and what they are taken for: " + picture);
    }
    if (html != null) {
      WholeFile.write(html, Page.of(report, test));
      out.println("Curves, numbers and images: " + html);
    }
    if (json != null) {
      WholeFile.write(json, ReportJson.of(report));
      out.println("All numbers: " + json);
    }
  }

  private RunSettings settings(LabeledImages train) {
    int epochs = length.epochs(5, checkpointOptions.least());
    int steps = length.steps(train, epochs);
    float clip =
        clipNorm == null
            ? Float.POSITIVE_INFINITY
            : (float) Bounds.positive(spec, "--clip-norm", clipNorm);
    return new RunSettings(
        network,
        formOptions.form(),
        optimizerOptions.optimizer(Math.max(1, steps)),
        epochs,
        steps,
        length.batch(),
        length.seed(),
        clip,
        Bounds.atLeast(spec, "--statistics-every", 0, statisticsEvery));
  }
}
