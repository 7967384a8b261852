package demo;

import static dev.mezzo.Ops.logSoftmax;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.layers.Linear;

/** Its result is full, and cast at the border. */
@Half
record Softened(Linear linear) implements Unary {
  @Override
  public Tensor forward(Tensor x) {
    return logSoftmax(linear.forward(x));
  }
}
