package demo;

import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** A half layer with a sub-layer that is kept in FP32. */
@Half
public record FullField(Linear hidden, @Full Linear head) {
  public Tensor forward(Tensor x) {
    return head.forward(tanh(hidden.forward(x)));
  }
}
