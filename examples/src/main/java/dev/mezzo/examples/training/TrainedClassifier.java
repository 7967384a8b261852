package dev.mezzo.examples.training;

import dev.mezzo.StepResult;
import dev.mezzo.Tensor;
import dev.mezzo.Training;

/** A classifier of images in an open training, whatever its network. */
public interface TrainedClassifier extends AutoCloseable {

  /** The training. */
  Training training();

  /**
   * One step.
   *
   * @param images (batch, pixels) FP32
   * @param labels (batch) INT32
   */
  StepResult step(Tensor images, Tensor labels);

  /**
   * What the network makes of images, in inference and in the precision that it trains in; the
   * caller owns the result.
   *
   * @param images (batch, pixels) in the training's precision
   * @return (batch, classes)
   */
  Tensor logits(Tensor images);

  /** Closes the training. */
  @Override
  default void close() {
    training().close();
  }
}
