package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.conv2d;
import static dev.mezzo.Ops.relu;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Convolution;

@Half
public record FinishedImage(@MasterFp32 Parameter kernel, @MasterFp32 Parameter bias) {
  public Tensor forward(Tensor x) {
    Tensor y = conv2d(x, kernel, bias, Convolution.of().withPadding(1));
    return relu(add(x, y));
  }
}
