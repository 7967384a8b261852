package demo;

import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** The table of a sub-layer, tied: the head multiplies by what the body is embedded with. */
@Half
public record TiedHead(Linear table, Linear body) {
  public Tensor forward(Tensor x) {
    Tensor h = tanh(body.forward(table.forward(x)));
    return matmul(h, transpose(transpose(table.weight())));
  }
}
