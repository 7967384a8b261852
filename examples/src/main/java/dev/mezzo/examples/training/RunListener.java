package dev.mezzo.examples.training;

import dev.mezzo.StepResult;
import java.nio.file.Path;

/** Hears how a run goes. */
public interface RunListener {

  /**
   * A run begins.
   *
   * @param steps that it will make
   */
  void begins(TrainingForm form, int steps);

  /**
   * A step was made.
   *
   * @param step its number, from 1
   * @param skipped steps skipped so far
   */
  void step(int step, StepResult result, long skipped);

  /**
   * An epoch ended.
   *
   * @param epoch its number, from 1
   * @param accuracy share of the test images that are classified rightly
   */
  void epoch(int epoch, double accuracy);

  /** The training, as it is behind the last step, was saved to a file. */
  void saved(Path file);

  /** The run ended. */
  void ends(RunResult result);
}
