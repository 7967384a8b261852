package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Branches on what is plain: a field, a shape, an argument. */
@Half
public record Branches(Linear first, Linear second, boolean deep, float rate) {
  public Tensor forward(Tensor x, int mode) {
    Tensor h = first.forward(x);
    if (deep) {
      h = tanh(second.forward(h));
    }
    float factor = rate;
    if (x.shape().dim(0) > 2 && mode > 0) {
      factor *= mode;
      h = scale(h, factor);
    } else if (mode < 0) {
      h = exp(h);
    }
    Tensor gate = mode % 2 == 0 ? sigmoid(h) : h;
    return add(gate, x);
  }
}
