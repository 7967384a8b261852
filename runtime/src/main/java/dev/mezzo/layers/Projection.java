package dev.mezzo.layers;

import static dev.mezzo.Ops.matmul;
import static dev.mezzo.Ops.transpose;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * {@code y = x·weightᵀ}, a {@link Linear} without bias. Shapes: x (…, rows, inFeatures), weight
 * (outFeatures, inFeatures), y (…, rows, outFeatures).
 */
@Half
public final class Projection implements Layer {

  @MasterFp32 final Parameter weight;

  /** With weights drawn uniformly from ±1/√inFeatures. */
  public Projection(int inFeatures, int outFeatures, RandomGenerator random) {
    float bound = (float) (1 / Math.sqrt(inFeatures));
    this.weight = Parameter.uniform(Shape.of(outFeatures, inFeatures), bound, random);
  }

  /** Applies the layer. */
  @Override
  @Dims({"...", "rows", "outFeatures"})
  public Tensor forward(@Dims({"...", "rows", "inFeatures"}) Tensor x) {
    return matmul(x, transpose(weight));
  }

  /** (outFeatures, inFeatures). */
  public Parameter weight() {
    return weight;
  }
}
