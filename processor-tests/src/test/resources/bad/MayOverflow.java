package bad;

import static dev.mezzo.Ops.*;
import static dev.mezzo.annotations.PrecisionClass.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record MayOverflow(@MasterFp32 Parameter weight) {
  Tensor forward(Tensor x) {
    Tensor e = exp(x); // WARNING MayOverflow: (x)
    return matmul(e, weight);
  }
}

@Half
record SquareOfASum(@MasterFp32 Parameter weight) {
  Tensor forward(Tensor x) {
    Tensor s = sum(x, 2);
    return matmul(multiply(s, s), weight); // WARNING MayOverflow: (s, s)
  }
}

@Half
record LongSum(@MasterFp32 Parameter weight) {
  Tensor forward(@Dims("a, b, 65505") Tensor x) {
    return matmul(sum(sigmoid(x), 2), weight); // WARNING MayOverflow: (sigmoid
  }
}

@Half
record KnownBound() {
  Tensor forward(Tensor x) {
    Tensor y = scale(tanh(x), 60000);
    return relu(scale(y, 2)); // WARNING MayOverflow: (y, 2
  }
}

@Half
record Powers() {
  Tensor forward(Tensor x) {
    return Power.cube(x); // WARNING MayOverflow: (x)
  }
}

final class Power {
  @Op(value = FOLLOW, range = "pow(x, 3)")
  static Tensor cube(Tensor x) {
    return x;
  }
}
