package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;
import dev.mezzo.types.Shape;

@Half
@MasterFp32
final class MisusedState {
  final Parameter weight;
  final State mean = State.filled(Shape.of(3), 0f);
  final State[] variances = {State.filled(Shape.of(3), 1f)};

  MisusedState(Parameter weight) {
    this.weight = weight;
  }

  Tensor forward(Tensor x, boolean warm) {
    Tensor y = normalized(x, mean);
    if (warm && mean.shape().dim(0) > 1) {
      y = relu(y);
    }
    return y;
  }

  private Tensor normalized(Tensor x, State around) {
    return batchNorm(x, weight, weight, around, variances[0], 0.1f, 0.01f);
  }

  boolean isWarm() {
    return mean.toFloats()[1] > 0;
  }
}
