package demo;

import static dev.mezzo.Ops.lstmFrom;
import static dev.mezzo.Ops.slice;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;

/** A sequence, and the same again from the state that it ended with. */
@Half
record Continued(Linear gates, @MasterFp32 Parameter recurrent) {
  Tensor forward(Tensor x, Tensor state) {
    int time = x.shape().dim(0);
    Tensor once = lstmFrom(gates.forward(x), recurrent, state);
    Tensor last = slice(once, 0, time, time + 2);
    Tensor again = lstmFrom(gates.forward(x), recurrent, last);
    return slice(again, 0, 0, time);
  }
}
