package dev.mezzo.layers;

import static dev.mezzo.Ops.rmsNorm;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;

/**
 * RMS norm along the last dimension. Shapes: x (…, features), weight (features). Begins with weight
 * 1.
 *
 * @see <a href="https://arxiv.org/abs/1910.07467">Zhang and Sennrich, Root Mean Square Layer
 *     Normalization</a>
 */
@Half
public final class RmsNorm implements Layer {

  @MasterFp32 final Parameter weight;
  final float epsilon;

  /** With epsilon 10⁻⁵. */
  public RmsNorm(int features) {
    this(features, 1e-5f);
  }

  /**
   * A layer.
   *
   * @param features at least 1
   * @param epsilon added to the mean square
   */
  public RmsNorm(int features, float epsilon) {
    this.weight = Parameter.zeros(Shape.of(features));
    this.epsilon = epsilon;
    weight.fill(1f);
  }

  /** Applies the layer. */
  @Override
  @Dims({"...", "features"})
  public Tensor forward(@Dims({"...", "features"}) Tensor x) {
    return rmsNorm(x, weight, epsilon);
  }

  /** (features). */
  public Parameter weight() {
    return weight;
  }
}
