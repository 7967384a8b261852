package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.layers.Linear;

/** FP32 throughout, but for the half layer in it. */
@Full
public record FullLayer(Parameter gain, Linear inner) {
  public Tensor forward(Tensor x) {
    Tensor t = multiply(tanh(x), gain);
    return add(inner.forward(t), t);
  }
}
