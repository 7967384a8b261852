package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.gelu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

@Half
public record Residual(Linear inner) {
  public Tensor forward(Tensor x) {
    return add(x, gelu(inner.forward(x)));
  }
}
