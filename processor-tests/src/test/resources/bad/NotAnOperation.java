package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

import static dev.mezzo.ElementwiseGradients.reluGradient;

import dev.mezzo.types.Shape;

@Half
record NotAnOperation(Other other, dev.mezzo.layers.Embedding[] tables) {
  Tensor forward(Tensor x) {
    Tensor slope = reluGradient(x, x); // ERROR NotAnOperation: reluGradient(x
    Tensor fresh = Tensor.of(Shape.of(1), 1f); // ERROR NotAnOperation: .of(Shape
    Tensor kept = x.retain(); // ERROR NotAnOperation: .retain
    float first = x.toFloats()[0]; // ERROR NotAnOperation: .toFloats
    java.util.Objects.requireNonNull(x).close(); // ERROR NotAnOperation: .close
    int rows = Other.rows(x); // ERROR NotAnOperation: .rows
    Tensor tied = tables[0].weight(); // ERROR NotAnOperation: .weight
    Tensor projected = other.project(x); // ERROR NotAnOperation: .project
    return add(other.project(x), relu(other.project(slope))); // ERROR NotAnOperation: .project(x // ERROR NotAnOperation: .project(slope
  }

  private static int unused(Tensor x) {
    return x.toInts()[0];
  }

  @Half
  record Other() {
    Tensor forward(Tensor x) {
      return relu(x);
    }

    Tensor project(Tensor x) {
      return x;
    }

    static int rows(Tensor x) {
      return x.shape().dim(0);
    }
  }

  static class Floor {}
}
