package demo;

import static dev.mezzo.Ops.add;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.MultiHeadAttention;
import dev.mezzo.layers.RecurrentStack;

/** Layers of sequences: one that branches on whether it turns, one that loops over layers. */
@Half
record Attentive(MultiHeadAttention self, RecurrentStack recurrent) {
  Tensor forward(Tensor x) {
    return recurrent.forward(add(x, self.forward(x)));
  }
}
