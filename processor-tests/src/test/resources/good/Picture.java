package demo;

import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Conv2d;
import dev.mezzo.layers.Pad2d;
import dev.mezzo.layers.UpsampleBilinear2d;
import dev.mezzo.layers.UpsampleNearest2d;

/** Images in other sizes. */
@Half
record Picture(
    UpsampleNearest2d nearest, Conv2d conv, UpsampleBilinear2d bilinear, Pad2d border) {
  @Dims({"batch", "?", "?", "?"})
  Tensor forward(@Dims({"batch", "height", "width", "channels"}) Tensor x) {
    return border.forward(bilinear.forward(tanh(conv.forward(nearest.forward(x)))));
  }
}
