package dev.mezzo.layers;

import static dev.mezzo.Ops.linear;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * {@code y = x·weightᵀ + bias}. Shapes: x (batch, inFeatures), weight (outFeatures, inFeatures),
 * bias (outFeatures), y (batch, outFeatures).
 */
@Half
public final class Linear implements Layer {

  @Dims({"outFeatures", "inFeatures"})
  @MasterFp32
  final Parameter weight;

  @Dims("outFeatures")
  @MasterFp32
  final Parameter bias;

  /**
   * With weights drawn from an unseeded generator: see {@link #Linear(int, int, RandomGenerator)}.
   */
  public Linear(int inFeatures, int outFeatures) {
    this(inFeatures, outFeatures, RandomGenerator.getDefault());
  }

  /**
   * With weight, then bias, drawn uniformly from ±1/√inFeatures, as PyTorch's {@code Linear} does
   * by default.
   *
   * @param inFeatures at least 1
   * @param outFeatures at least 1
   */
  public Linear(int inFeatures, int outFeatures, RandomGenerator random) {
    if (inFeatures < 1 || outFeatures < 1) {
      throw new IllegalArgumentException(
          "Linear needs at least one feature in and out, but has "
              + inFeatures
              + " and "
              + outFeatures);
    }
    float bound = (float) (1 / Math.sqrt(inFeatures));
    this.weight = Parameter.uniform(Shape.of(outFeatures, inFeatures), bound, random);
    this.bias = Parameter.uniform(Shape.of(outFeatures), bound, random);
  }

  /** Applies the layer in FP32. */
  @Override
  @Dims({"...", "outFeatures"})
  public Tensor forward(@Dims({"...", "inFeatures"}) Tensor x) {
    return linear(x, weight, bias);
  }

  /** (outFeatures, inFeatures). */
  public Parameter weight() {
    return weight;
  }

  /** (outFeatures). */
  public Parameter bias() {
    return bias;
  }
}
