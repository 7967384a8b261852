package demo;

import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** The same sub-layer twice. */
@Half
public record Twice(Linear step) {
  public Tensor forward(Tensor x) {
    Tensor once = tanh(step.forward(x));
    return tanh(step.forward(once));
  }
}
