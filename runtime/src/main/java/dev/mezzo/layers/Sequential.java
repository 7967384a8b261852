package dev.mezzo.layers;

import dev.mezzo.Layer;
import dev.mezzo.Tensor;
import dev.mezzo.annotations.Half;

/**
 * Layers one after the other, of any classes that implement {@link Layer}. Each one's mixed form is
 * found by its class when the training is built; the names of weights go on with the index, as in
 * {@code layers.0.weight}.
 */
@Half
public final class Sequential implements Layer {
  final Layer[] layers;

  /**
   * In that order.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Sequential(Layer... layers) {
    if (layers.length == 0) {
      throw new IllegalArgumentException("Sequential needs a layer at least");
    }
    this.layers = layers.clone();
  }

  /** Number of layers. */
  public int size() {
    return layers.length;
  }

  /** The layer at an index. */
  public Layer get(int index) {
    return layers[index];
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor h = x;
    for (Layer layer : layers) {
      h = layer.forward(h);
    }
    return h;
  }
}
