package dev.mezzo.examples.cli;

import dev.mezzo.examples.training.Checkpoints;
import dev.mezzo.io.SafetensorsFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where a training goes on from, and where it is saved. */
final class CheckpointOptions {

  @Spec(Spec.Target.MIXEE)
  CommandSpec spec;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description =
          "save the training to FILE whenever it was tested, and in the end; --resume goes on from it")
  @Nullable Path save;

  @Option(
      names = "--resume",
      paramLabel = "FILE",
      description =
          "go on from what --save saved, with the same options, to the same number of steps in all; of"
              + " none, only test the weights in FILE")
  @Nullable Path resume;

  /** For picocli. */
  CheckpointOptions() {}

  /** The fewest steps or epochs that make sense. */
  int least() {
    return resume == null ? 1 : 0;
  }

  /**
   * Both files, checked before the work.
   *
   * @param compare whether another training is made beside this one
   */
  Checkpoints files(boolean compare) {
    if (resume != null && compare) {
      throw new ParameterException(
          spec.commandLine(), "--resume goes on with one training; leave --compare out");
    }
    if (resume != null) {
      SafetensorsFile.open(resume).close();
    }
    return new Checkpoints(resume, save);
  }

  /** Says what was saved. */
  void tell(PrintWriter out) {
    if (save != null) {
      out.println("Checkpoint, for --resume: " + save);
    }
  }
}
