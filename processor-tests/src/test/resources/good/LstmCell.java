package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.split;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** One step of an LSTM: a layer with a record of tensors as parameter and as result. */
@Half
public record LstmCell(Linear input, Linear recurrent, int hidden) {
  /** What a step leaves to the next. */
  public record State(Tensor h, Tensor c) {}

  public State forward(Tensor x, State s) {
    Tensor both = add(input.forward(x), recurrent.forward(s.h()));
    Tensor[] g = split(both, 1, hidden, hidden, hidden, hidden);
    Tensor i = sigmoid(g[0]);
    Tensor f = sigmoid(g[1]);
    Tensor u = g[2];
    Tensor o = g[3];
    Tensor c = add(multiply(f, s.c()), multiply(i, tanh(u)));
    return new State(multiply(sigmoid(o), tanh(c)), c);
  }
}
