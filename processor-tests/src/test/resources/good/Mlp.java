package demo;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

@Half
public record Mlp(Linear hidden, Linear out) {
  public Tensor forward(Tensor x) {
    return out.forward(relu(hidden.forward(x)));
  }
}
