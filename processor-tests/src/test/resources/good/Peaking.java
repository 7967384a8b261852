package demo;

import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.mean;
import static dev.mezzo.Ops.scale;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.LossScaled;
import dev.mezzo.layers.Linear;

/** An expression that may leave the range of FP32 within. */
@Half
@LossScaled
public record Peaking(Linear in) {
  public Tensor loss(Tensor x) {
    Tensor h = in.forward(x);
    Tensor flat = scale(h, 0.5f);
    Tensor peak = exp(flat);
    return mean(scale(peak, 0.001f));
  }
}
