package demo;

import static dev.mezzo.Ops.argmax;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** The result has no gradient: nothing is saved, backward does nothing. */
@Half
public record Best(Linear net) {
  public Tensor forward(Tensor x) {
    return argmax(net.forward(x));
  }
}
