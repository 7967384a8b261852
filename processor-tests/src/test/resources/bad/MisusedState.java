package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.State;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;
import dev.mezzo.types.Shape;

@Half
@MasterFp32
final class MisusedState {
  static final State SHARED = State.filled(Shape.of(3), 0f);
  final Parameter weight;
  final State mean = State.filled(Shape.of(3), 0f);

  MisusedState(Parameter weight) {
    this.weight = weight;
  }

  Tensor forward(Tensor x) {
    Tensor centred = subtract(x, mean.values()); // ERROR MisusedState: ()
    State variance = State.filled(x.shape(), 1f); // ERROR MisusedState: (x
    Tensor y = batchNorm(centred, weight, weight, mean, SHARED, 0.1f, 0.01f); // ERROR MisusedState: SHARED
    if (mean.toFloats()[0] > 1) { // ERROR MisusedState: ()
      y = relu(y);
    }
    return isWarm() ? tanh(y) : y; // ERROR MisusedState: ()
  }

  boolean isWarm() {
    return mean.toFloats()[1] > 0;
  }
}
