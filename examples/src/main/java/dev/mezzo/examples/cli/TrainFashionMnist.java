package dev.mezzo.examples.cli;

import dev.mezzo.Device;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.report.Report;
import dev.mezzo.examples.report.ReportJson;
import dev.mezzo.examples.report.Setup;
import dev.mezzo.examples.report.TextTable;
import dev.mezzo.examples.report.WholeFile;
import dev.mezzo.examples.training.Network;
import dev.mezzo.examples.training.Run;
import dev.mezzo.examples.training.RunResult;
import dev.mezzo.examples.training.RunSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

  @Option(names = "--json", paramLabel = "FILE", description = "write all numbers to FILE")
  @Nullable Path json;

  /** For picocli. */
  TrainFashionMnist() {}

  @Override
  public Integer call() {
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
    RunResult result;
    try (ConsoleProgress progress = ConsoleProgress.onStandardError()) {
      result = new Run(settings, train, test, progress).run();
    }
    Report report = new Report(setup, List.of(result));
    out.println(settings.form().description());
    out.print(TextTable.of(report));
    Path file = json;
    if (file != null) {
      WholeFile.write(file, ReportJson.of(report));
      out.println("All numbers: " + file);
    }
    out.flush();
    return result.stopped() == null ? ExitCode.OK : ExitCode.SOFTWARE;
  }

  private RunSettings settings(LabeledImages train) {
    int epochs = length.epochs(5);
    int steps = length.steps(train, epochs);
    float clip = clipNorm == null ? Float.POSITIVE_INFINITY : clipNorm;
    if (!(clip > 0)) {
      throw new ParameterException(
          spec.commandLine(), "--clip-norm must be positive, but is " + clip);
    }
    return new RunSettings(
        network,
        formOptions.form(),
        optimizerOptions.optimizer(steps),
        epochs,
        steps,
        length.batch(),
        length.seed(),
        clip,
        Math.max(0, statisticsEvery));
  }
}
