package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.less;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.where;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** One of an interface: its mask has no gradient, a component is computed in full. */
@Half
public record Leaky(Linear input, Linear recurrent) implements Cell {
  @Override
  public State forward(Tensor x, State s, Tensor mask) {
    Tensor u = tanh(add(input.forward(x), recurrent.forward(s.h())));
    Tensor kept = where(less(mask, 0), s.h(), u);
    return new State(kept, add(scale(s.c(), 0.5f), exp(scale(sigmoid(multiply(u, u)), 0.5f))));
  }
}
