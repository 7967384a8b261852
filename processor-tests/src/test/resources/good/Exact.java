package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;

/** In a half layer a local variable and a method that are full. */
@Half
record Exact(Linear in, @MasterFp32 Parameter mix) {
  Tensor forward(Tensor x) {
    Tensor h = in.forward(x);
    @Full Tensor scores = scale(matmul(h, transpose(h)), 0.5f);
    Tensor y = matmul(tanh(scores), h);
    return mixed(y);
  }

  @Full
  private Tensor mixed(Tensor y) {
    @Half Tensor low = matmul(y, mix);
    return add(matmul(y, mix), low);
  }
}
