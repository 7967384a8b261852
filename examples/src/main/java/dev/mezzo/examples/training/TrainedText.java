package dev.mezzo.examples.training;

import dev.mezzo.StepResult;
import dev.mezzo.Tensor;
import dev.mezzo.Training;

/** A model of text in an open training, whatever its network. */
public interface TrainedText extends AutoCloseable {

  /** The training. */
  Training training();

  /** Whether sequences are columns, (time, batch); else rows. */
  boolean timeFirst();

  /**
   * One step.
   *
   * @param ids INT32
   * @param next the ids that follow, in the same places
   */
  StepResult step(Tensor ids, Tensor next);

  /** The loss in inference. */
  float loss(Tensor ids, Tensor next);

  /**
   * Logits of each next token, in inference; the caller owns the result.
   *
   * @return (…, vocabulary)
   */
  Tensor logits(Tensor ids);

  /** Closes the training. */
  @Override
  default void close() {
    training().close();
  }
}
