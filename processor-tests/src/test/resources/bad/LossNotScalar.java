package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@LossScaled
record LossNotScalar(@MasterFp32 Parameter weight) {
  Tensor loss(Tensor x) {
    Tensor losses = matmul(x, weight);
    return scale(losses, 0.5f); // ERROR LossNotScalar: (
  }
}

@LossScaled
record Given() {
  Tensor loss(Tensor x) {
    return x; // ERROR LossNotScalar: x
  }
}

@LossScaled
record Helped(@MasterFp32 Parameter weight) {
  Tensor loss(Tensor x) {
    return product(x); // ERROR LossNotScalar: (
  }

  Tensor product(Tensor x) {
    return matmul(x, weight);
  }
}
