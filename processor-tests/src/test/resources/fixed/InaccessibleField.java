package fixed;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
record InaccessibleField(@MasterFp32 Parameter weight, float factor, Scaled scaled) {
  private static final int WIDTH = 3;

  InaccessibleField {
    if (factor < 0) {
      throw new IllegalArgumentException("factor");
    }
  }

  Tensor forward(Tensor x) {
    Tensor wide = reshape(x, WIDTH, -1);
    return this.scaled().forward(scale(matmul(wide, weight()), this.factor));
  }

  @Half
  record Scaled() {
    Tensor forward(Tensor x) {
      return scale(x, 2f);
    }
  }
}
