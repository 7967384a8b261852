package dev.mezzo.layers;

import static dev.mezzo.Ops.maxPool2d;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.types.Pooling;

/**
 * The greatest of each window, channel by channel. Shapes: x (batch, height, width, channels), y
 * (batch, outHeight, outWidth, channels).
 */
@Half
public record MaxPool2d(Pooling window) implements Layer {

  /** A square window that moves by its side. */
  public MaxPool2d(int size) {
    this(Pooling.of(size));
  }

  /** Applies the layer. */
  @Override
  @Dims({"batch", "?", "?", "channels"})
  public Tensor forward(@Dims({"batch", "height", "width", "channels"}) Tensor x) {
    return maxPool2d(x, window);
  }
}
