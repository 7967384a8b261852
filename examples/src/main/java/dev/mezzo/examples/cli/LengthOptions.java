package dev.mezzo.examples.cli;

import dev.mezzo.examples.data.LabeledImages;
import dev.mezzo.examples.training.Run;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How long to train, in what portions, from which seed. */
final class LengthOptions {

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(names = "--epochs", paramLabel = "N", description = "passes over the training images")
  @Nullable Integer epochs;

  @Option(
      names = "--max-steps",
      paramLabel = "N",
      description = "end after so many steps even within an epoch")
  @Nullable Integer maxSteps;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "images of a step, default ${DEFAULT-VALUE}",
      defaultValue = "256")
  int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "of the initial weights and the order of images, default ${DEFAULT-VALUE}",
      defaultValue = "1")
  long seed;

  /** For picocli. */
  LengthOptions() {}

  int epochs(int usual) {
    return positive("--epochs", epochs == null ? usual : epochs);
  }

  /** Steps of a training of so many epochs. */
  int steps(LabeledImages train, int epochs) {
    int ofEpoch = Run.stepsOfEpoch(train, batch());
    if (ofEpoch == 0) {
      throw new ParameterException(
          spec.commandLine(),
          "--batch must be at most the %d training images, but is %d"
              .formatted(train.count(), batch));
    }
    int all = Math.multiplyExact(epochs, ofEpoch);
    return maxSteps == null ? all : Math.min(all, positive("--max-steps", maxSteps));
  }

  int batch() {
    return positive("--batch", batch);
  }

  long seed() {
    return seed;
  }

  private int positive(String option, int value) {
    return Bounds.atLeast(spec, option, 1, value);
  }
}
