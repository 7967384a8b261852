package dev.mezzo.examples.data;

import dev.mezzo.Tensor;

/**
 * A minibatch.
 *
 * @param images (batch, pixels) FP32, 0 to 1
 * @param labels (batch) INT32, the classes
 */
public record Batch(Tensor images, Tensor labels) implements AutoCloseable {

  /** Number of images. */
  public int size() {
    return labels.shape().dim(0);
  }

  @Override
  public void close() {
    images.close();
    labels.close();
  }
}
