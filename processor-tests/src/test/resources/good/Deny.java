package demo;

import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.logSoftmax;
import static dev.mezzo.Ops.scale;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Operations that need FP32, in the middle. */
@Half
public record Deny(Linear in, Linear out) {
  public Tensor forward(Tensor x) {
    Tensor p = exp(logSoftmax(in.forward(x)));
    return out.forward(scale(p, 4f));
  }
}
