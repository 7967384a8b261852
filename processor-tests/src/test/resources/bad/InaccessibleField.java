package bad;

import static dev.mezzo.Ops.*;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.*;

@Half
@MasterFp32
final class InaccessibleField {
  private static final int[] DIMS = {1, -1};
  private final Parameter weight; // ERROR InaccessibleField: weight
  private final float factor; // ERROR InaccessibleField: factor
  private final Scaled scaled = new Scaled(); // ERROR InaccessibleField: scaled

  InaccessibleField(Parameter weight, float factor) {
    this.weight = weight;
    this.factor = factor;
  }

  Tensor forward(Tensor x) {
    Tensor flat = reshape(x, DIMS); // ERROR InaccessibleField: DIMS
    Tensor wide = reshape(x, width(), -1); // ERROR InaccessibleField: width
    return scaled.forward(scale(matmul(add(flat, wide), weight), factor));
  }

  private int width() {
    return 3;
  }

  @Half
  private record Scaled() { // ERROR InaccessibleField: record
    Tensor forward(Tensor x) {
      return scale(x, 2f);
    }
  }
}
