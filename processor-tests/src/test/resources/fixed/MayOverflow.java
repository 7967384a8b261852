package fixed;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MayOverflow(@MasterFp32 Parameter weight) {
  Tensor forward(Tensor x) {
    Tensor e = exp(tanh(x));
    return matmul(e, weight);
  }
}

@Half
record KeptInFull() {
  Tensor forward(Tensor x) {
    return mean(exp(x));
  }
}

@Half
record SquareOfAMean(@MasterFp32 Parameter weight) {
  Tensor forward(Tensor x) {
    Tensor s = mean(x, 2);
    return matmul(multiply(s, s), weight);
  }
}

@Half
record BelowOne(@MasterFp32 Parameter weight) {
  Tensor forward(Tensor x) {
    Tensor gauss = exp(scale(square(x), -0.5f));
    Tensor shifted = exp(subtract(x, max(x, new int[] {-1}, true)));
    Tensor decay = exp(negate(softplus(x)));
    return matmul(multiply(add(gauss, shifted), decay), weight);
  }
}

@Half
record ShortSum(@MasterFp32 Parameter weight) {
  Tensor forward(@Dims("a, b, 65504") Tensor x) {
    return matmul(sum(sigmoid(x), 2), weight);
  }
}

@Half
record UnknownLength(@MasterFp32 Parameter weight) {
  Tensor forward(Tensor x) {
    return matmul(sum(sigmoid(x), 2), weight);
  }
}

@Half
record Powers() {
  Tensor forward(Tensor x) {
    return Power.cube(scale(tanh(x), 40));
  }
}

final class Power {
  @Op(value = FOLLOW, range = "pow(x, 3)")
  static Tensor cube(Tensor x) {
    return x;
  }
}
