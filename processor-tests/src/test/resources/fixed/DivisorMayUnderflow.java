package fixed;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record DivisorMayUnderflow() {
  Tensor forward(Tensor x, Tensor y) {
    return Shift.divide(x, Shift.shift(softmax(y), 1e-4f));
  }
}

@Half
record Library() {
  Tensor forward(Tensor x, Tensor y) {
    Tensor norm = sqrt(add(sum(square(x), new int[] {-1}, true), 1e-6f));
    Tensor safe = divide(x, add(softmax(y), 1e-4f));
    return divide(divide(safe, norm), add(abs(y), 1));
  }
}

@Half
record Unknown() {
  Tensor forward(Tensor x, Tensor y) {
    return Shift.divide(x, y);
  }
}

@Full
record InFull() {
  Tensor forward(Tensor x, Tensor y) {
    return Shift.divide(x, softmax(y));
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

