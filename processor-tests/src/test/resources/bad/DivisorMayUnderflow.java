package bad;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record DivisorMayUnderflow() {
  Tensor forward(Tensor x, Tensor y) {
    return Shift.divide(x, softmax(y)); // WARNING DivisorMayUnderflow: (x, softmax
  }
}

@Half
record Library() {
  Tensor forward(Tensor x, Tensor y) {
    Tensor weighted = divide(x, softmax(y)); // WARNING DivisorMayUnderflow: (x, softmax
    Tensor p = sigmoid(weighted);
    return scale(reciprocal(p), 2); // WARNING DivisorMayUnderflow: (p)
  }
}

@Half
record ByMethods() {
  Tensor forward(Tensor x) {
    return divide(divide(x, weights(x)), bounded(x)); // WARNING DivisorMayUnderflow: (x, weights
  }

  private Tensor weights(Tensor x) {
    return sigmoid(x);
  }

  private Tensor bounded(Tensor x) {
    return add(sigmoid(x), 1);
  }
}

@Half
record Squares() {
  Tensor forward(Tensor x) {
    Tensor square = multiply(x, x);
    return Shift.divide(x, Shift.shift(square, 1.013e-6f)); // WARNING DivisorMayUnderflow: (x, Shift
  }
}

final class Shift {
  @Op(value = FOLLOW, shape = "x(...) -> (...)", range = "x + by")
  static Tensor shift(Tensor x, float by) {
    return x;
  }

  @Op(value = FOLLOW, range = "min(max(x, least), greatest)")
  static Tensor clamp(Tensor x, float least, float greatest) {
    return x;
  }

  @Op(value = FOLLOW, range = "x")
  static Tensor normalized(Tensor x, float epsilon) {
    return x;
  }

  @Op(value = FOLLOW, range = "a / b")
  static Tensor divide(Tensor a, Tensor b) {
    return a;
  }
}

