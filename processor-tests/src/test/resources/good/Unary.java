package demo;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;

/** An interface of layers: whatever they are, they are given half and give half. */
@Half
interface Unary {
  Tensor forward(Tensor x);
}
