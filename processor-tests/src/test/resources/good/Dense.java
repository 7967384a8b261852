package demo;

import static dev.mezzo.Ops.add;
import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/** A linear layer of three operations, one of them a view of its weight. */
@Half
public final class Dense {
  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;

  public Dense(int in, int out, RandomGenerator random) {
    weight = Parameter.uniform(Shape.of(out, in), 0.5f, random);
    bias = Parameter.uniform(Shape.of(out), 0.5f, random);
  }

  public Tensor forward(Tensor x) {
    return add(matmul(x, transpose(weight)), bias);
  }
}
