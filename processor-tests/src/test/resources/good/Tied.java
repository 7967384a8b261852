package demo;

import static dev.mezzo.Ops.gelu;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;

/** One weight, there and back. */
@Half
public record Tied(@MasterFp32 Parameter weight) {
  public Tensor forward(Tensor x) {
    Tensor code = gelu(matmul(x, weight));
    return matmul(code, transpose(weight));
  }
}
