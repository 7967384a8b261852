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

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "passes over the training images; by default 5, or for demo as many as make some 1,170"
              + " steps")
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

  /**
   * Passes over the training images.
   *
   * @param least the fewest that make sense
   */
  int epochs(int usual, int least) {
    return Bounds.atLeast(spec, "--epochs", least, epochs == null ? usual : epochs);
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
    long all = (long) epochs * ofEpoch;
    if (all > Integer.MAX_VALUE) {
      throw new ParameterException(
          spec.commandLine(),
          "--epochs must be at most %d of %d steps each, but is %d"
              .formatted(Integer.MAX_VALUE / ofEpoch, ofEpoch, epochs));
    }
    return (int) (maxSteps == null ? all : Math.min(all, positive("--max-steps", maxSteps)));
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
