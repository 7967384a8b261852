package bad;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;

@Half
record AmbiguousBorder() implements Layer, Exact { // ERROR AmbiguousBorder: record
  @Override
  public Tensor forward(Tensor x) {
    return relu(x);
  }
}

@Full
interface Exact {
  Tensor forward(Tensor x);
}
