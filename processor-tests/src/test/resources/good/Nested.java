package demo;

import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Loops in a loop, and a branch between: one gradient goes around all, and begins at zero in each pass. */
@Half
record Nested(Linear inner, int depth) {
  Tensor forward(Tensor x) {
    int passes = depth;
    for (int i = 1; i < passes; i++) {
      int left = 2;
      while (left > 0) {
        left -= 1;
        x = tanh(inner.forward(x));
      }
      if (i % 2 == 0) {
        x = sigmoid(transpose(transpose(x)));
      }
    }
    return multiply(x, x);
  }
}
