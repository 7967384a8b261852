package dev.mezzo.examples.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.mezzo.Device;
import dev.mezzo.examples.data.Batch;
import dev.mezzo.examples.data.FashionMnist;
import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.Network;
import dev.mezzo.examples.training.Recipe;
import dev.mezzo.examples.training.TrainedClassifier;
import dev.mezzo.examples.training.TrainingForm;
import dev.mezzo.optim.Optimizer;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Advice on a network that classifies Fashion-MNIST. */
@Command(
    name = "fashion-mnist",
    description = "Says what a 16-bit format would do to a network on Fashion-MNIST",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false)
final class AdviseFashionMnist implements Callable<Integer> {

  @Spec CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "mlp|cnn|resnet18",
      description = "the network, default ${DEFAULT-VALUE}",
      defaultValue = "mlp")
  Network network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "images of a step, default ${DEFAULT-VALUE}",
      defaultValue = "128")
  int batch;

  @Mixin AdviceOptions advice;
  @Mixin OptimizerOptions optimizerOptions;
  @Mixin DataOptions dataOptions;
  @Mixin DeviceOptions deviceOptions;

  /** For picocli. */
  AdviseFashionMnist() {}

  @Override
  public Integer call() throws JsonProcessingException {
    advice.check();
    Bounds.atLeast(spec, "--batch", 1, batch);
    LabeledImages train = FashionMnist.train(dataOptions.location());
    if ((long) advice.steps * batch > train.count()) {
      throw new ParameterException(
          spec.commandLine(),
          "--batch must be at most %d, so that %d steps have images of their own, but is %d"
              .formatted(train.count() / advice.steps, advice.steps, batch));
    }
    Optimizer optimizer = optimizerOptions.optimizer(advice.steps);
    Device device = deviceOptions.open();
    PrintWriter out = spec.commandLine().getOut();
    out.println(network.description() + ", on " + device);
    Recipe recipe = new Recipe(TrainingForm.FP32, optimizer).withStatistics(1);
    Iterator<Batch> batches = train.shuffled(advice.seed).fullBatches(batch).iterator();
    try (TrainedClassifier model = network.open(advice.seed, recipe)) {
      advice.advise(
          out,
          model.training(),
          () -> {
            Batch next = batches.next();
            model.step(next.images(), next.labels());
          });
    }
    return ExitCode.OK;
  }
}
