package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** What follows a return in a branch belongs to the other way. */
@Half
public record EarlyReturn(Linear body, int depth) {
  public Tensor forward(Tensor x) {
    if (depth == 0) {
      return x;
    }
    Tensor h = tanh(body.forward(x));
    if (depth == 1) {
      return h;
    }
    return add(body.forward(h), x);
  }
}
