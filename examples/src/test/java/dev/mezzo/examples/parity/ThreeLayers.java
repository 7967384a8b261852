package dev.mezzo.examples.parity;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** The network of make_reference.py. */
@Half
public record ThreeLayers(Linear first, Linear second, Linear out) {

  public Tensor forward(Tensor x) {
    Tensor h = relu(first.forward(x));
    return out.forward(relu(second.forward(h)));
  }
}
