package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.gelu;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Three inputs, each with a flag of its own in backward. */
@Half
public record MultiInput(Linear key) {
  public Tensor forward(Tensor query, Tensor context, Tensor shift) {
    Tensor scores = matmul(gelu(tanh(query)), transpose(key.forward(context)));
    return add(multiply(scores, scores), shift);
  }
}
