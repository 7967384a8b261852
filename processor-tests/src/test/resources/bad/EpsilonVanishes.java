package bad;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record EpsilonVanishes() {
  static final float EPSILON = 1e-8f;

  Tensor forward(Tensor x) {
    Tensor y = Shift.shift(x, EPSILON); // WARNING EpsilonVanishes: EPSILON
    return Shift.clamp(y, 2.9e-8f, 1); // WARNING EpsilonVanishes: 2.9e-8f
  }
}

@Half
record Norms(@MasterFp32 Parameter gain, @MasterFp32 Parameter bias) {
  Tensor forward(Tensor x) {
    float epsilon = 1e-8f;
    Tensor y = add(x, epsilon); // WARNING EpsilonVanishes: epsilon);
    float grows = 1e-8f;
    grows *= 1e6f;
    Tensor z = add(y, grows);
    return layerNorm(z, gain, bias, epsilon);
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

