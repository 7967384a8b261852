package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Jumps to labels, out of loops in loops. */
@Half
public record Jumps(Linear block, int depth) {

  public Tensor forward(Tensor x) {
    outer:
    for (int i = 0; i < 5; i++) {
      int j = 0;
      while (true) {
        j++;
        if (j > depth) {
          continue outer;
        }
        if (i > 2) {
          if (j == 2) {
            break outer;
          }
          x = scale(x, 1.5f);
        }
        x = tanh(block.forward(x));
        if (j > 3) {
          break;
        }
      }
      x = add(x, scale(x, i));
    }
    return x;
  }
}
