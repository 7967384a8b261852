package dev.mezzo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the values of one or more steps were like: collected every few steps, where {@link
 * TrainingBuilder#statistics} asks for it.
 *
 * @param steps how many
 * @param scale the loss scale of the last one
 * @param half the training's format; of {@code NONE} all values are FP32's, and what is said of 16
 *     bits is said of FP16
 * @param layers in the order in which forward comes to them
 * @param weights in backward's order
 * @see <a href="https://arxiv.org/abs/1710.03740">Micikevicius et al., Mixed Precision Training,
 *     sections 3.1 and 3.2</a>
 */
public record StepStatistics(
    int steps,
    float scale,
    HalfFormat half,
    List<LayerStatistics> layers,
    List<WeightStatistics> weights) {

  /** Copies the lists. */
  public StepStatistics {
    layers = List.copyOf(layers);
    weights = List.copyOf(weights);
  }

  /** Both: layers and weights that are the same are added up. Scales should be the same. */
  public StepStatistics plus(StepStatistics other) {
    Map<String, LayerStatistics> allLayers = new LinkedHashMap<>();
    for (List<LayerStatistics> some : List.of(layers, other.layers)) {
      some.forEach(layer -> allLayers.merge(layer.path(), layer, LayerStatistics::plus));
    }
    Map<String, WeightStatistics> allWeights = new LinkedHashMap<>();
    for (List<WeightStatistics> some : List.of(weights, other.weights)) {
      some.forEach(weight -> allWeights.merge(weight.path(), weight, WeightStatistics::plus));
    }
    return new StepStatistics(
        steps + other.steps,
        other.scale,
        half,
        List.copyOf(allLayers.values()),
        List.copyOf(allWeights.values()));
  }
}
