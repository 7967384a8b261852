package demo;

import static dev.mezzo.Ops.batchNorm;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

/** State, which is part of the model but no parameter: read as it is, moved in training. */
@Half
@MasterFp32
record Running(Parameter weight, Parameter bias, State mean, State variance) {
  Tensor forward(Tensor x) {
    return tanh(batchNorm(x, weight, bias, mean, variance, 0.1f, 0.01f));
  }
}
