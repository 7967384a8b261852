package dev.mezzo.layers;

import static dev.mezzo.Ops.embedding;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * A table of vectors, looked up by number. Shapes: indices (…), INT32, weight (rows, features), y
 * (…, features). An index out of range gives NaN. Indices have no gradient; as a {@link Layer}, in
 * a {@link Sequential} say, its gradient is zero.
 */
@Half
public final class Embedding implements Layer {

  @MasterFp32 final Parameter weight;

  /** With weights drawn from a standard normal distribution, as PyTorch's. */
  public Embedding(int rows, int features, RandomGenerator random) {
    this(rows, features, 1, random);
  }

  /** With normally distributed weights of a given standard deviation. */
  public Embedding(int rows, int features, float standardDeviation, RandomGenerator random) {
    this.weight = Parameter.normal(Shape.of(rows, features), standardDeviation, random);
  }

  /** Looks up. */
  @Override
  @Dims({"...", "features"})
  public Tensor forward(@Dims("...") Tensor indices) {
    return embedding(weight, indices);
  }

  /** (rows, features). */
  public Parameter weight() {
    return weight;
  }
}
