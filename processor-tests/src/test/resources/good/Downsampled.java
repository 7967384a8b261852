package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;

/** A bias and a sub-layer that may be missing: they are compared with null. */
@Half
public final class Downsampled {
  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final Linear downsample;

  Downsampled(Parameter weight, Parameter bias, Linear downsample) {
    this.weight = weight;
    this.bias = bias;
    this.downsample = downsample;
  }

  public Tensor forward(Tensor x) {
    Tensor h = matmul(x, weight);
    if (bias != null) {
      h = add(h, bias);
    }
    return add(tanh(h), downsample == null ? x : downsample.forward(x));
  }
}
