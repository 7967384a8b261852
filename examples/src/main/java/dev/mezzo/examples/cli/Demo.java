package dev.mezzo.examples.cli;

import dev.mezzo.Device;
import dev.mezzo.examples.data.DataLocation;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.report.Page;
import dev.mezzo.examples.report.Report;
import dev.mezzo.examples.report.ReportJson;
import dev.mezzo.examples.report.Setup;
import dev.mezzo.examples.report.TextTable;
import dev.mezzo.examples.training.Network;
import dev.mezzo.examples.training.Run;
import dev.mezzo.examples.training.RunResult;
import dev.mezzo.examples.training.RunSettings;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.io.WholeFile;
import dev.mezzo.optim.Optimizer;
import dev.mezzo.optim.Sgd;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains one network in four precisions and shows them side by side. */
@Command(
    name = "demo",
    description =
        "Trains one network in four precisions, from the same generated class, and shows them side"
            + " by side",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
public final class Demo implements Callable<Integer> {

  private static final float RATE = 0.05f;
  private static final float MOMENTUM = 0.9f;
  private static final int ABOUT_STEPS = 1170;
  private static final int SAMPLES = 25;

  @Spec CommandSpec spec;
  @Mixin LengthOptions length;
  @Mixin DataOptions dataOptions;
  @Mixin DeviceOptions deviceOptions;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "folder for the page and the JSON file, default ${DEFAULT-VALUE}",
      defaultValue = "mezzo-demo")
  Path output;

  /** For picocli. */
  public Demo() {}

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Path page = output.resolve("demo.html");
    Path json = output.resolve("demo.json");
    WholeFile.check(page, json);
    DataLocation location = dataOptions.location();
    LabeledImages train = FashionMnist.train(location);
    LabeledImages test = FashionMnist.test(location);
    Device device = deviceOptions.open();
    RunSettings settings = settings(train);
    out.println("Data: " + location.description());
    out.printf(
        "A 784-1024-1024-10 MLP, %d steps of %d images, in four forms of one generated class%n",
        settings.maxSteps(), settings.batch());
    out.flush();
    List<RunResult> runs = new ArrayList<>();
    try (ConsoleProgress progress = ConsoleProgress.onStandardError()) {
      for (TrainingForm form : TrainingForm.ALL) {
        runs.add(new Run(settings.in(form), train, test, progress).run());
      }
    }
    Report report = new Report(setup(settings, device, location, train, test), runs);
    out.println();
    out.print(TextTable.of(report));
    WholeFile.write(json, ReportJson.of(report));
    WholeFile.write(page, Page.of(report, test));
    out.println();
    out.println("Curves, gradients and images: " + page.toAbsolutePath().normalize());
    out.println("All numbers:                  " + json.toAbsolutePath().normalize());
    out.flush();
    return ExitCode.OK;
  }

  /** As many epochs as make some 1,170 steps: 5 of the whole data set, 30 of the subset. */
  private RunSettings settings(LabeledImages train) {
    int ofEpoch = Math.max(1, Run.stepsOfEpoch(train, length.batch()));
    int epochs = length.epochs(Math.ceilDiv(ABOUT_STEPS, ofEpoch), 1);
    int steps = length.steps(train, epochs);
    Optimizer optimizer = Sgd.of(RATE).withMomentum(MOMENTUM);
    return new RunSettings(
        Network.MLP,
        TrainingForm.FP32,
        optimizer,
        epochs,
        steps,
        length.batch(),
        length.seed(),
        Float.POSITIVE_INFINITY,
        Math.max(2, steps / SAMPLES));
  }

  private static Setup setup(
      RunSettings settings,
      Device device,
      DataLocation location,
      LabeledImages train,
      LabeledImages test) {
    return new Setup(
        Version.mezzo(),
        Version.java(),
        device.toString(),
        location.description(),
        train.count(),
        test.count(),
        Network.MLP.description(),
        "SGD, rate " + RATE + ", momentum " + MOMENTUM,
        settings.batch(),
        settings.epochs(),
        settings.seed(),
        settings.sampleEvery());
  }
}
