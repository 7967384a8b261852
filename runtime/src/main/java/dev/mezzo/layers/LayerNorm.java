package dev.mezzo.layers;

import static dev.mezzo.Ops.layerNorm;

import dev.mezzo.Layer;
import dev.mezzo.Parameter;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Dims;
import dev.mezzo.annotations.Half;
import dev.mezzo.annotations.MasterFp32;
import dev.mezzo.types.Shape;

/**
 * Layer norm along the last dimension. Shapes: x (…, features), weight and bias (features). Begins
 * with weight 1 and bias 0.
 *
 * @see <a href="https://arxiv.org/abs/1607.06450">Ba et al., Layer Normalization</a>
 */
@Half
public final class LayerNorm implements Layer {

  @MasterFp32 final Parameter weight;
  @MasterFp32 final Parameter bias;
  final float epsilon;

  /** With epsilon 10⁻⁵. */
  public LayerNorm(int features) {
    this(features, 1e-5f);
  }

  /**
   * A layer.
   *
   * @param features at least 1
   * @param epsilon added to the variance
   */
  public LayerNorm(int features, float epsilon) {
    this.weight = Parameter.zeros(Shape.of(features));
    this.bias = Parameter.zeros(Shape.of(features));
    this.epsilon = epsilon;
    weight.fill(1f);
  }

  /** Applies the layer. */
  @Override
  @Dims({"...", "features"})
  public Tensor forward(@Dims({"...", "features"}) Tensor x) {
    return layerNorm(x, weight, bias, epsilon);
  }

  /** (features). */
  public Parameter weight() {
    return weight;
  }

  /** (features). */
  public Parameter bias() {
    return bias;
  }
}
