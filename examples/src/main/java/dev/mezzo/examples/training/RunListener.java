package dev.mezzo.examples.training;

import dev.mezzo.StepResult;
import java.nio.file.Path;

/** Hears how a run goes. */
public interface RunListener {

  /**
   * A run begins.
   *
   * @param made steps that were made before, by the run that this one goes on from
   * @param steps that there will be in all
   */
  void begins(TrainingForm form, int made, int steps);

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

  /**
   * Text that the training does not see was looked at.
   *
   * @param loss mean cross entropy, in nats a byte
   * @param accuracy share of bytes that were the likeliest
   */
  void validated(double loss, double accuracy);

  /** The training, as it is behind the last step, was saved to a file. */
  void saved(Path file);

  /** The run ended. */
  void ends(RunResult result);
}
