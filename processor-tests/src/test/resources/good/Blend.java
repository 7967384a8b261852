package demo;

import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;

/** An abstract class of layers, with several inputs. */
@Full
abstract class Blend {
  final float share = 0.25f;

  abstract Tensor forward(Tensor a, Tensor b, float bend);
}
