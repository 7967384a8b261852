package demo;

import static dev.mezzo.Ops.gelu;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Dropout;

/** No parameters: backward serves the input alone. */
@Half
public record Activations(Dropout drop) {
  public Tensor forward(Tensor x) {
    Tensor t = drop.forward(tanh(x));
    return gelu(multiply(t, sigmoid(t)));
  }
}
