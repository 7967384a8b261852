package demo;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;
import java.util.List;

/** Layers of classes that it does not know. */
@Half
record Open<L extends Unary>(L first, List<? extends Layer> rest, @Full Blend blend) {
  Tensor forward(Tensor x) {
    Tensor h = first.forward(x);
    return blend.forward(h, rest.get(0).forward(h), 0.5f);
  }
}
