package dev.mezzo.layers;

import static dev.mezzo.Ops.pad;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;

/**
 * Images with a border of one value. Shapes: x (batch, height, width, channels), y (batch, top +
 * height + bottom, left + width + right, channels).
 *
 * @param top rows above, at least 0, as the others
 */
@Half
public record Pad2d(int top, int bottom, int left, int right, float value) implements Layer {

  /** Checks that nothing is cut off. */
  public Pad2d {
    if (top < 0 || bottom < 0 || left < 0 || right < 0) {
      throw new IllegalArgumentException(
          "Pad2d's rows and columns must be at least 0, but are %d, %d, %d and %d"
              .formatted(top, bottom, left, right));
    }
  }

  /** The same on all sides, of zeros. */
  public Pad2d(int border) {
    this(border, border, border, border, 0);
  }

  /** Applies the layer. */
  @Override
  @Dims({"batch", "top + height + bottom", "left + width + right", "channels"})
  public Tensor forward(@Dims({"batch", "height", "width", "channels"}) Tensor x) {
    int[] before = {0, top, left, 0};
    int[] after = {0, bottom, right, 0};
    return pad(x, before, after, value);
  }
}
