package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.multiply;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.layers.Linear;
import java.util.List;

/** Loops over ranges, arrays, lists and layers. */
@Half
public final class Loops {
  final List<Linear> blocks;
  final @MasterFp32 Parameter gain;
  final float[] rates;
  final int depth;

  public Loops(List<Linear> blocks, Parameter gain, float[] rates, int depth) {
    this.blocks = blocks;
    this.gain = gain;
    this.rates = rates;
    this.depth = depth;
  }

  public Tensor forward(Tensor x) {
    Tensor h = x;
    for (Linear block : blocks) {
      h = tanh(block.forward(h));
    }
    Tensor sum = h;
    for (int i = 1; i <= depth; i++) {
      sum = add(sum, scale(multiply(h, gain), 1f / i));
    }
    for (float rate : rates) {
      if (rate > 1) {
        continue;
      }
      sum = scale(sum, rate);
    }
    return sum;
  }
}
