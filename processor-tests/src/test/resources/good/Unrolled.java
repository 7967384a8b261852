package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

/** Weights and a value that each pass reads: their gradients add up in one memory each. */
@Half
public record Unrolled(
    @MasterFp32 Parameter input, @MasterFp32 Parameter recurrent, int passes) {
  public Tensor forward(Tensor x) {
    Tensor h = tanh(matmul(x, input));
    for (int i = 0; i < passes; i++) {
      h = tanh(add(matmul(x, input), matmul(h, recurrent)));
    }
    return h;
  }
}
