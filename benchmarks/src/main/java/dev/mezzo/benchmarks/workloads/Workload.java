package dev.mezzo.benchmarks.workloads;

import dev.mezzo.HalfFormat;
import dev.mezzo.StepResult;
import dev.mezzo.Training;
import dev.mezzo.examples.training.TrainingForm;
import java.util.OptionalDouble;

/** A model and its data, trained as the peers' scripts train theirs. */
public interface Workload {

  /** Samples of a step. */
  int batch();

  /**
   * Floating-point operations of a step: twice the multiply-adds of products, convolutions and
   * recurrences, forward and backward, without the gradient of the first layer's input.
   */
  long flop();

  /** The optimizer's name, as in {@code sgd}. */
  String optimizer();

  /** Opens a training of a new model on the default device. */
  Session open(TrainingForm form);

  /** An open training with its data. */
  interface Session extends AutoCloseable {

    /** The training. */
    Training training();

    /** Makes the next batch ready, which is not timed. */
    Step next();

    /**
     * Share of the test data classified rightly; empty where there is none.
     *
     * @param half the format that the training was built with
     */
    default OptionalDouble accuracy(HalfFormat half) {
      return OptionalDouble.empty();
    }

    /** Closes the training. */
    @Override
    default void close() {
      training().close();
    }
  }

  /** A step whose batch is ready. */
  interface Step {

    /** Trains. */
    StepResult run();
  }
}
