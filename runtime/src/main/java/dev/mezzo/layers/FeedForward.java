package dev.mezzo.layers;

import static dev.mezzo.Ops.geluLinear;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;
import java.util.random.RandomGenerator;

/**
 * Two fully connected layers with gelu between. Shapes: x and y (…, features). What gelu gives is
 * not saved for backward, which computes it again.
 */
@Half
public final class FeedForward implements Layer {

  final Linear up;
  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;

  /**
   * With parameters as {@link Linear}'s.
   *
   * @param inner features between the layers
   */
  public FeedForward(int features, int inner, RandomGenerator random) {
    float bound = (float) (1 / Math.sqrt(inner));
    this.up = new Linear(features, inner, random);
    this.weight = Parameter.uniform(Shape.of(features, inner), bound, random);
    this.bias = Parameter.uniform(Shape.of(features), bound, random);
  }

  /** Applies the layer. */
  @Override
  @Dims({"...", "features"})
  public Tensor forward(@Dims({"...", "features"}) Tensor x) {
    return geluLinear(up.forward(x), weight, bias);
  }

  /** The first layer. */
  public Linear up() {
    return up;
  }

  /** The second layer's, (features, inner). */
  public Parameter weight() {
    return weight;
  }

  /** The second layer's, (features). */
  public Parameter bias() {
    return bias;
  }
}
