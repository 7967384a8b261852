package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.scale;
import static dev.mezzo.Ops.tanh;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;

/** Computes in half; its border is full, as the abstract class says. */
@Half
final class HalfBlend extends Blend {
  @Override
  Tensor forward(Tensor a, Tensor b, float bend) {
    return add(scale(a, share), tanh(scale(matmul(matmul(a, transpose(b)), b), bend)));
  }
}
