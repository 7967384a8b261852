package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.subtract;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;

/** Private methods on tensors: a gate, and what it is made of. */
@Half
@MasterFp32
public record Helpers(Linear gate, Linear value, Parameter start) {
  public Tensor forward(Tensor x) {
    Tensor first = mix(start, tanh(value.forward(x)), x);
    return mix(first, tanh(value.forward(first)), first);
  }

  private Tensor mix(Tensor old, Tensor candidate, Tensor x) {
    Tensor open = sigmoid(gate.forward(x));
    return add(old, scaled(subtract(candidate, old), open));
  }

  private Tensor scaled(Tensor a, Tensor by) {
    return multiply(a, by);
  }
}
