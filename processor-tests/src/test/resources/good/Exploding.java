package demo;

import static dev.mezzo.Ops.mean;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.scale;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.Linear;

/** An expression whose result may leave the range of half. */
@Half
@LossScaled
public record Exploding(Linear in) {
  public Tensor loss(Tensor x) {
    Tensor h = in.forward(x);
    Tensor steep = scale(h, 30000f);
    Tensor curved = multiply(steep, h);
    return mean(curved);
  }
}
