package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.stack;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.unstack;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** A recurrent layer, written out step by step; (batch, time, in) to (batch, time, out). */
@Half
public record WrittenOut(Linear input, Linear recurrent) {
  public Tensor forward(Tensor x, Tensor initial) {
    Tensor[] inputs = unstack(x, 1);
    Tensor[] steps = new Tensor[inputs.length];
    Tensor h = initial;
    for (int t = 0; t < inputs.length; t++) {
      h = tanh(add(input.forward(inputs[t]), recurrent.forward(h)));
      steps[t] = h;
    }
    return stack(1, steps);
  }
}
