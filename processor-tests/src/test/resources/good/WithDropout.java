package demo;

import static dev.mezzo.Ops.dropout;
import static dev.mezzo.Ops.gelu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Dropout;
import dev.mezzo.layers.Linear;

/** Dropout as an operation and as a layer, also on what needs no gradient. */
@Half
public record WithDropout(Dropout first, Linear hidden, float rate, Linear out) {
  public Tensor forward(Tensor x) {
    Tensor kept = first.forward(x);
    Tensor h = dropout(gelu(hidden.forward(kept)), rate);
    return out.forward(h);
  }
}
