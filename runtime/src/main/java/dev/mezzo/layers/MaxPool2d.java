package dev.mezzo.layers;

import static dev.mezzo.Ops.maxPool2d;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.types.Pooling;

/**
 * The greatest of each window, channel by channel. Shapes: x (batch, height, width, channels), y
 * (batch, outHeight, outWidth, channels).
 */
@Half
public record MaxPool2d(Pooling window) {

  /** A square window that moves by its side. */
  public MaxPool2d(int size) {
    this(Pooling.of(size));
  }

  /** Applies the layer. */
  public Tensor forward(Tensor x) {
    return maxPool2d(x, window);
  }
}
