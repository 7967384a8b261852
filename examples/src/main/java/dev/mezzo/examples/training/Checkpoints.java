package dev.mezzo.examples.training;

import dev.mezzo.Training;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a run goes on from, and where it is saved.
 *
 * @param resume null for a new training
 * @param save null for nowhere
 */
public record Checkpoints(@Nullable Path resume, @Nullable Path save) {

  /** A new training, saved nowhere. */
  public static Checkpoints none() {
    return new Checkpoints(null, null);
  }

  /**
   * Goes on from the file, if there is one. Where no step will be made its weights are enough,
   * whatever they were trained with.
   *
   * @param steps that the whole training has
   * @return steps that were made before
   */
  int resume(Training training, int steps) {
    if (resume == null) {
      return 0;
    }
    if (steps == 0) {
      training.loadWeights(resume);
      return 0;
    }
    training.load(resume);
    return Math.toIntExact(training.appliedSteps() + training.skippedSteps());
  }

  /** Saves, if a file is asked for, and says so. */
  void save(Training training, RunListener listener) {
    if (save != null) {
      training.save(save);
      listener.saved(save);
    }
  }
}
