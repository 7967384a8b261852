package fixed;

import static dev.mezzo.Ops.relu;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Full;
import dev.mezzo.annotations.Half;

@Half
record AmbiguousBorder() implements Layer, Alike {
  @Override
  public Tensor forward(Tensor x) {
    return relu(x);
  }
}

@Half
interface Alike extends Named {
  Tensor forward(Tensor x);
}

interface Named {
  default String name() {
    return "named";
  }
}

@Full
interface Exact {
  Tensor forward(Tensor x);
}

@Full
record Other() implements Exact {
  @Override
  public Tensor forward(Tensor x) {
    return relu(x);
  }
}
