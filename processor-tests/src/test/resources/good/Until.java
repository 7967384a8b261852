package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.exp;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.sigmoid;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Loops that only the run ends; what they carry is full, since exp leaves it so. */
@Half
public record Until(Linear step, int limit) {
  public Tensor forward(Tensor x) {
    Tensor last = x;
    Tensor h = x;
    int i = 0;
    while (i < limit) {
      Tensor before = h;
      h = exp(sigmoid(step.forward(last)));
      last = before;
      i += 2;
    }
    for (int j = limit; j > 0; j--) {
      if (j == 2) {
        break;
      }
      h = add(h, scale(last, j));
    }
    return h;
  }
}
