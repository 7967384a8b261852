package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;

/** In a full layer a local variable and a method that are half: their parameters have shadows. */
@Full
record Rough(Parameter a, Parameter b, Parameter c) {
  Tensor forward(Tensor x) {
    @Half Tensor h = matmul(x, a);
    return add(matmul(tanh(h), c), low(x));
  }

  @Half
  private Tensor low(Tensor x) {
    return matmul(matmul(x, b), b);
  }
}
