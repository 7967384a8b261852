package dev.mezzo.layers;

import static dev.mezzo.Ops.embedding;

import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * A table of vectors, looked up by number. Shapes: indices (…), INT32, weight (rows, features), y
 * (…, features). An index out of range gives NaN.
 */
@Half
public final class Embedding {

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
  @Dims({"...", "features"})
  public Tensor forward(@Dims("...") Tensor indices) {
    return embedding(weight, indices);
  }

  /** (rows, features). */
  public Parameter weight() {
    return weight;
  }
}
