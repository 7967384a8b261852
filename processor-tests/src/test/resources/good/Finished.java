package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.gelu;
import static dev.mezzo.Ops.linear;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.sigmoid;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

@Half
@MasterFp32
public record Finished(
    Parameter weight, Parameter bias, Parameter last, Parameter lastBias, int depth) {
  public Tensor forward(Tensor x) {
    Tensor h = sigmoid(add(matmul(x, transpose(weight)), bias));
    for (int i = 0; i < depth; i++) {
      h = tanh(linear(h, last, lastBias));
    }
    return add(gelu(linear(h, last, lastBias)), x);
  }
}
